"""Names of people, teams and places in the made-up world. No person is meant."""

import unicodedata


def _words(text: str) -> list[str]:
    """Split at white space; an underscore stands for a space within a name."""
    return [word.replace("_", " ") for word in text.split()]


FIRST = _words("""
    Ada Adriana Aisha Alan Alejandro Alice Amara Amélie Amy Ana Andre Andrea Ángel Anita Anna Anthony
    Aoife Arjun Ashley Astrid Avery Beatriz Ben Bianca Björn Blake Brandon Brenda Brian Brooke Bruno
    Caleb Camila Carla Carlos Carmen Casey Cecilia Chad Charlotte Chen Chloé Christina Claire Cody Colin
    Connor Courtney Craig Cristina Curtis Cynthia Dakota Dale Damian Dana Daniel Darius Dawn Deborah
    Deepak Demetrius Denise Derek Diego Dmitri Dolores Dominic Donna Dwayne Dylan Eduardo Elaine Elena
    Eli Élodie Emily Emma Eric Erin Esperanza Ethan Eun-ji Evelyn Fatima Felipe Fernando Fiona Florence
    Francesca Frank Gabriel Gail Garrett Gavin George Gina Giovanni Gloria Grace Gregory Guadalupe
    Hannah Harold Harper Hassan Heather Héctor Heidi Helen Henry Holly Hugo Hye-jin Ian Imani Ingrid
    Irene Iris Isaac Isabel Iván Jackson Jada Jaime James Jamila Janet Jasmine Javier Jenna Jesús Jill
    Joan Joaquín Jodi Joel Johanna Jordan José Joy Juan Judith Julia Julián Kai Karen Karina Kathleen
    Keith Kelly Kendra Kenji Kevin Khadija Kiara Kim Kirsten Kofi Kristen Kyle Lamar Lars Laura Leah
    Lena Leo Leticia Liam Lila Linh Lisa Logan Lorena Lucía Luis Luke Lynn Mackenzie Madison Maeve Malik
    Marco Margaret María Mark Marisol Martin Mateo Maya Megan Mei Mia Micah Miguel Mina Mohamed Molly
    Mónica Morgan Nadia Naomi Natalie Nate Nia Nicolás Nina Noah Noor Nora Olga Olivia Omar Oscar Owen
    Pamela Pat Paul Pedro Penelope Peter Phil Priya Quinn Rachel Rafael Raj Ramón Raúl Rebecca Reese
    Renée Ricardo Riley Robin Rosa Ruby Ryan Sabrina Sadie Sam Samantha Sandra Santiago Sara Scott Sean
    Sergio Shannon Sofía Søren Stella Steve Sunita Tamika Tara Terrence Theo Tiffany Tomás Tracy Trevor
    Tyler Uma Valentina Vanessa Vera Víctor Vivian Wade Wei Wendy Will Xavier Xiomara Yara Yusuf Yvonne
    Zachary Zoë 伟 静 美玲 太郎
""")

LAST = _words("""
    Abbott Abdi Acosta Adams Aguilar Ahmed Ali Allen Álvarez Anderson Archer Arroyo Bailey Baker
    Baptiste Barnes Becker Bell Beltrán Bennett Bianchi Bishop Blackwood Bowen Boyd Brooks Brown Burke
    Bush Cabrera Calderón Campbell Cárdenas Carter Castillo Chan Chavez Cho Choi Clark Coleman Collins
    Contreras Cook Cortés Costa Crawford Cruz D'Amico D'Angelo Daly Davis Delgado Desai Díaz Dixon Doyle
    Dubois Duncan Edwards Ellis Espinoza Estrada Evans Farrell Fernández Ferrari Finch Fischer Fisher
    Fleming Flores Foster Fox Franco Fraser Fuentes Gallagher García Gibson Gómez González Gordon Graham
    Grant Green Griffin Guerrero Gupta Gutiérrez Hall Hansen Harris Hassan Hayes Hernández Herrera Hill
    Holland Holmes Howard Hughes Hunt Hussein Ibáñez Ibrahim Ito Jackson Jain Jansen Jenkins Jensen
    Jiménez Johansson Johnson Jones Joseph Kaur Kelly Kennedy Khan Kim King Klein Knight Kowalski Kumar
    Lambert Larsen Lawson Le Lee León Lévesque Lewis Li Lin Liu Long López Lowe Lynch MacDonald
    Maldonado Malone Marín Marsh Martin Martínez Mason Matthews McBride McCarthy McKenzie Medina Mehta
    Mejía Mendoza Meyer Miller Mitchell Mohammed Molina Montoya Moore Morales Moreau Moreno Morgan
    Morris Müller Muñoz Murphy Murray Myers Nakamura Navarro Nelson Newman Nguyen Nichols Nolan Núñez
    O'Brien O'Connor O'Neill O'Sullivan Okafor Okoye Olsen Oliveira Olson Ortega Ortiz Osborne Pacheco
    Padilla Page Palmer Park Parker Patel Peña Pereira Pérez Perkins Perry Peters Petrov Phan Phillips
    Pierce Porter Powell Price Quinn Quiñones Ramírez Ramos Reed Reid Reyes Reynolds Rhodes Ríos Rivera
    Robbins Roberts Rodríguez Rogers Rojas Romano Romero Rosales Rossi Rowe Ruiz Russell Ryan Salazar
    Sánchez Sanders Santos Sato Schmidt Schneider Schultz Serrano Shah Sharma Shaw Silva Singh Smith
    Soto Spencer Stein Stevens Stone Suárez Suzuki Svensson Tan Tanaka Taylor Thompson Torres Tran
    Tremblay Turner Underwood Valdez Vargas Vasquez Vega Velázquez Vu Wagner Walker Wallace Walsh Wang
    Ward Washington Watson Weaver Webb Weber Wells West White Wilson Wong Wood Wright Wu Yamamoto Yang
    Yates York Young Yu Zamora Zapata Zhang Zhou Zimmermann 王 李 山田
""")

TEAM_FRONT = _words("""
    Blue_Heron Cedar_Gate Copper_Key Cornerstone Crosswind Driftwood Eastlake El_Camino Evergreen
    First_Light Foxglove Gold_Coast Granite_Peak Harbor Highline Hometown Ironwood Juniper Keystone
    La_Peña Lakeside Lone_Star Magnolia Meridian Milestone Northstar Oak_&_Ivy O'Malley Old_Mill
    Pacific_Crest Palmetto Pinnacle Québec_Métro Redwood Ridgeline Riverbend Saltwater Silver_Birch
    Skyline_🏡 South_Shore Sunrise Tidewater Tierra Uptown Wildflower Zenith
""")
TEAM_BACK = ("Group", "Team", "Realty Group", "Homes", "Collective", "& Co.", "Partners", "Properties")

STATES = tuple(
    tuple(place.split(":"))
    for place in _words("""
    AL:Alabama AK:Alaska AZ:Arizona AR:Arkansas CA:California CO:Colorado CT:Connecticut DE:Delaware
    DC:District_of_Columbia FL:Florida GA:Georgia HI:Hawaii ID:Idaho IL:Illinois IN:Indiana IA:Iowa
    KS:Kansas KY:Kentucky LA:Louisiana ME:Maine MD:Maryland MA:Massachusetts MI:Michigan MN:Minnesota
    MS:Mississippi MO:Missouri MT:Montana NE:Nebraska NV:Nevada NH:New_Hampshire NJ:New_Jersey
    NM:New_Mexico NY:New_York NC:North_Carolina ND:North_Dakota OH:Ohio OK:Oklahoma OR:Oregon
    PA:Pennsylvania RI:Rhode_Island SC:South_Carolina SD:South_Dakota TN:Tennessee TX:Texas UT:Utah
    VT:Vermont VA:Virginia WA:Washington WV:West_Virginia WI:Wisconsin WY:Wyoming AB:Alberta
    BC:British_Columbia MB:Manitoba NB:New_Brunswick NL:Newfoundland_and_Labrador NS:Nova_Scotia
    NT:Northwest_Territories NU:Nunavut ON:Ontario PE:Prince_Edward_Island QC:Québec SK:Saskatchewan
    YT:Yukon
""")
)
"""(abbreviation, name) of the 51 states with DC, then the 13 provinces and territories of Canada."""

CITIES = _words("""
    Springfield Riverton Fairview Greenville Madison Georgetown Clinton Salem Franklin Bristol Oakdale
    Ashland Burlington Clayton Dayton Hudson Kingston Lexington Milton Newport Oxford Cañon Montréal
""")

SLUGS = {
    name: unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().replace("'", "").lower() or "agent"
    for name in (*FIRST, *LAST)
}
"""What of a name goes into an e-mail address."""
