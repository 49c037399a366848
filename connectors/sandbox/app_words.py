"""Words of the made-up consumer-finance app: what its screens offer, what statements say. Nobody is meant.

Belongs here: texts alone. Does not belong here: who chooses which (`connectors/sandbox/app.py`).
"""

ADMIN = "admin@app.example"
"""The address of the app's one admin, its first user."""

EMOTIONAL = ("calm", "curious", "anxious", "overwhelmed", "hopeful", "indifferent")
FINANCIAL = (
    "I save every month",
    "I save now and then",
    "I cannot save right now",
    "I carry a card balance",
    "I rent",
    "I own my home",
    "I support family",
)
NOT_SAID = "Prefer not to say"
MOTIVATION = (
    "Explore (I am just looking around, for now)",
    "Organize my money in one place",
    "Improve my habits: spend less, save more",
    "Plan ahead (a home, a child, retirement)",
    "Optimize what I already do",
    "Something else",
)
ACQUISITION = (
    "The founder",
    "A friend, or family",
    "Social media or the press",
    "A search engine",
    "An AI tool (chat, assistant)",
    "Other",
)
INSIGHTS = (
    "Spending by category",
    "Subscriptions, found",
    "Month over month",
    "Savings rate",
    "People like me",
    "Upcoming bills",
    "Something else",
)
FREE_TEXT = (
    "my partner told me, call 416-555-0134",
    "saw it at a café in Montréal ☕",
    "Ask for Zoë, zoe@example.com",
    "tbd",
)
PROVINCES = (
    "Ontario",
    "Québec",
    "British Columbia",
    "Alberta",
    "Manitoba",
    "Saskatchewan",
    "Nova Scotia",
    "New Brunswick",
    "Newfoundland and Labrador",
    "Prince Edward Island",
    "Yukon",
    "Northwest Territories",
    "Nunavut",
    "International",
)
ACCOUNTS = (
    "RBC Chequing",
    "RBC Credit Card",
    "TD Chequing",
    "TD Credit Card",
    "Scotiabank Chequing",
    "BMO Credit Card",
    "CIBC Chequing",
    "Tangerine Savings",
    "td chequing ",
    "Wealthsimple Cash",
)
"""Bank and product as people's files have it: one in another spelling, one of a bank that nobody lists."""

DEMO_ACCOUNTS = ("Checking", "Credit Card")
SPENDING = (
    ("TIM HORTONS #0412", "Tim Hortons", "Food", "Coffee"),
    ("LOBLAWS 1021 TORONTO ON", "Loblaws", "Food", "Groceries"),
    ("PRESTO RELOAD", "Presto", "Transport", "Transit"),
    ("HYDRO ONE 2209", "Hydro One", "Home", "Utilities"),
    ("E-TRANSFER TO MÉLANIE R", "E-TRANSFER TO MÉLANIE R", "Uncategorised", ""),
    ("NETFLIX.COM 866-555-0119", "Netflix", "Leisure", "Subscriptions"),
    ("RENT PAYMENT", "RENT PAYMENT", "Home", "Rent"),
    ("CAFÉ OLÉ, MONTRÉAL QC", "Café Olé", "Food", ""),
)
"""(description, merchant, category, label) of what is spent, then of what comes in and of what does neither."""

INCOME = (("PAYROLL DEP", "Payroll", "Income", "Salary"), ("CANADA FED GST", "Government", "Income", "Benefit"))
MOVED = (("TRANSFER TO SAVINGS", "Transfer", "Transfers", ""), ("CARD PAYMENT - THANK YOU", "Payment", "Transfers", ""))
CATEGORIES = ("Food", "Home", "Transport", "Leisure", "Health", "Uncategorised")
TABS = ("cohorts", "vanity", "customer data", "events")
UNKNOWN_EVENT = "goal_created"
"""An event that no contract names."""
