"""The CRM tables whose columns lead to an agent: Follow Up Boss users, people and what they did.

Belongs here: every column's rule. Does not belong here: activity by month (`fub_activity.py`), how values are converted
(`values.py`).
"""

from functools import cache
from typing import Any

from oracle import Document, Landed
from oracle.values import (
    Rule,
    bigint,
    boolean,
    day,
    first,
    first_of,
    first_reference,
    flag,
    integer,
    jsonb,
    key,
    lower,
    moment,
    money,
    nonzero,
    nonzero_money,
    of,
    one_to_one,
    reference,
    text,
)

_CONNECTED_SECONDS = 60
_CONNECTED = ("interested", "not interested")
_HELD = ("met", "held", "completed", "kept")


@cache
def _agent_of_email(landed: Landed) -> dict[str, int]:
    """The lowest agent of each e-mail address."""
    found: dict[str, int] = {}
    for number in sorted(landed.agents):
        if email := lower(landed.agents[number].get("email")):
            found.setdefault(email, number)
    return found


@cache
def _agent_of_login(landed: Landed) -> dict[int, int | None]:
    return {one.id: landed.known("agent", nonzero(one.get("agent_id"))) for one in landed.documents("user")}


def _agent_of_user(document: Document, landed: Landed) -> int | None:
    own = nonzero(document.get("agent_id"))
    if own is not None:
        return landed.known("agent", own)
    through_login = _agent_of_login(landed).get(nonzero(document.get("user_id")))
    return first((through_login, _agent_of_email(landed).get(lower(document.get("email")) or "")))


def _agent_of_person(document: Document, landed: Landed) -> int | None:
    return agents_of(landed, "fub_users").get(nonzero(document.get("assigned_to_fub_id")))


@cache
def agents_of(landed: Landed, table: str) -> dict[int, int | None]:
    """The agent of each row of `fub_users` or `fub_people`."""
    rule = {"fub_users": _agent_of_user, "fub_people": _agent_of_person}[table]
    return {document.id: rule(document, landed) for document in landed.documents(table)}


def _agent_through(table: str, *paths: str) -> Rule:
    """Rule of an agent that a row of another table leads to; the first key with an id names that row."""
    return lambda document, landed: agents_of(landed, table).get(first(nonzero(document.get(path)) for path in paths))


def _primary(entries: Any, name: str) -> Any:
    """The value of the entry that is marked as primary, else of the first."""
    listed = [one for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []
    marked = (one for one in listed if text(one.get("isPrimary")) in ("true", "1"))
    chosen = next(marked, listed[0] if listed else {})
    return first(text(chosen.get(path)) for path in (name, "value"))


def _phone(document: Document, landed: Landed) -> str | None:
    phones = document.get("phones")
    return first((text(phones), text(_primary(phones, "phoneNumber"))))


def _direction(document: Document, landed: Landed) -> str | None:
    incoming = boolean(document.get("is_incoming"))
    known = None if incoming is None else "inbound" if incoming else "outbound"
    return first((text(document.get("direction")), known))


def _is_connected(document: Document, landed: Landed) -> bool:
    seconds = integer(document.get("duration")) or 0
    return lower(document.get("outcome")) in _CONNECTED or seconds > _CONNECTED_SECONDS


def _is_held(document: Document, landed: Landed) -> bool:
    return lower(document.get("outcome")) in _HELD


USER = {
    "id": key,
    "created_at": of(moment, "created_at"),
    "fub_account_id": reference("fub_account_id", "fub_accounts"),
    "fub_user_id": of(bigint, "fub_id"),
    "name": of(text, "name"),
    "first_name": of(text, "firstName"),
    "last_name": of(text, "lastName"),
    "email": of(lower, "email"),
    "phone": of(text, "phone"),
    "role": of(text, "role"),
    "status": of(text, "status"),
    "is_owner": of(boolean, "isOwner"),
    "picture": of(jsonb, "picture"),
    "user_id": reference("user_id", "user"),
    "agent_id": _agent_of_user,
    "team_id": reference("team_id", "team"),
    "fub_created_at": of(moment, "created"),
    "fub_updated_at": of(moment, "updated"),
}

PERSON = {
    "id": key,
    "created_at": of(moment, "created_at"),
    "updated_at": of(moment, "updated_at"),
    "ad_people_id": of(text, "ad_people_id"),
    "fub_people_id": of(nonzero, "people_id"),
    "fub_account_id": reference("fub_account_id", "fub_accounts"),
    "fub_account_id_raw": of(text, "fub_account_id_raw"),
    "people_name": of(text, "people_name"),
    "first_name": of(text, "first_name"),
    "last_name": of(text, "last_name"),
    "email": lambda document, _landed: lower(_primary(document.get("emails"), "emailAddress")),
    "emails": of(jsonb, "emails"),
    "phone": _phone,
    "type": of(text, "type"),
    "stage_name": of(text, "stage_name"),
    "stage_id": reference("stage_id", "fub_stages"),
    "fub_stage_id": of(nonzero, "fub_stage_id"),
    "source_name": of(text, "source_name"),
    "source_id": of(nonzero, "source_id"),
    "source_url": of(text, "source_url"),
    "created_via": of(text, "created_via"),
    "price": of(money, "price"),
    "deal_status": of(text, "deal_status"),
    "deal_price": of(nonzero_money, "deal_price"),
    "deal_stage": of(text, "deal_stage"),
    "deal_name": of(text, "deal_name"),
    "deal_close_date": of(day, "deal_close_date"),
    "contacted": of(integer, "contacted"),
    "website_visits": of(integer, "website_visits"),
    "claimed": of(boolean, "claimed"),
    "last_activity": of(moment, "last_activity"),
    "url": of(text, "url"),
    "tags": of(jsonb, "tags"),
    "sms_fetched": of(boolean, "sms_fetched"),
    "missing_user": of(boolean, "missing_user"),
    "assigned_to_fub_id": reference("assigned_to_fub_id", "fub_users"),
    "assigned_to_fub_name": of(text, "assigned_to_fub_name"),
    "assigned_to_fub_account_user_id": reference("assigned_to_fub_account_user_id", "user"),
    "credentials_id": of(nonzero, "credentials_id"),
    "agent_id": _agent_through("fub_users", "assigned_to_fub_id"),
    "fub_created_at": of(moment, "fub_created_at"),
    "fub_updated_at": of(moment, "fub_updated_at"),
}

CALL = {
    "id": key,
    "created_at": of(moment, "created_at"),
    "updated_at": of(moment, "ad_updated_at"),
    "ad_call_id": of(text, "ad_call_id"),
    "call_id": of(nonzero, "call_id"),
    "fub_account_id": reference("fub_account_id", "fub_accounts"),
    "fub_account_id_raw": of(text, "fub_account_id_raw"),
    "fub_users_id": first_reference("fub_users", "fub_users_id", "fub_users_id_deprecated"),
    "fub_user_id": of(nonzero, "fub_user_id"),
    "fub_people_id": reference("fub_people_id", "fub_people"),
    "person_id": of(nonzero, "person_id"),
    "user_id": first_reference("user", "user_id", "ad_user_id"),
    "agent_id": _agent_through("fub_users", "fub_users_id", "fub_users_id_deprecated"),
    "user_name": of(text, "user_name"),
    "people_name": first_of(text, "people_name", "name"),
    "phone": of(text, "phone"),
    "from_number": of(text, "from_number"),
    "to_number": of(text, "to_number"),
    "is_incoming": flag("is_incoming"),
    "direction": _direction,
    "outcome": of(text, "outcome"),
    "is_connected": _is_connected,
    "duration": of(integer, "duration"),
    "note": of(text, "note"),
    "recording_url": of(text, "recording_url"),
    "user_missing": of(boolean, "user_missing"),
    "credentials_id": of(nonzero, "credentials_id"),
    "fub_created_at": of(moment, "fub_created_at"),
    "fub_updated_at": of(moment, "fub_updated_at"),
    "created_by_id": of(nonzero, "created_by_id"),
    "updated_by_id": of(nonzero, "updated_by_id"),
}

EVENT = {
    "id": key,
    "created_at": of(moment, "created_at"),
    "updated_at": of(moment, "last_updated_ad"),
    "ad_events_id": of(text, "ad_events_id"),
    "fub_events_id": of(nonzero, "fub_events_id"),
    "fub_account_id": reference("fub_accounts_id", "fub_accounts"),
    "fub_account_id_raw": of(text, "fub_account_id_raw"),
    "fub_people_id": reference("fub_people_id", "fub_people"),
    "people_id": of(nonzero, "people_id"),
    "people_name": of(text, "people_name"),
    "occurred_at": of(moment, "occurred"),
    "type": of(text, "type"),
    "source": of(text, "source"),
    "message": of(text, "message"),
    "description": of(text, "description"),
    "property_id": of(nonzero, "property_id"),
    "property_street": of(text, "property_street"),
    "property_city": of(text, "property_city"),
    "property_state": of(text, "property_state"),
    "property_zip": of(text, "property_zip"),
    "agent_id": _agent_through("fub_people", "fub_people_id"),
    "credentials_id": of(nonzero, "credentials_id"),
    "fub_created_at": of(moment, "fub_created_at"),
    "fub_updated_at": of(moment, "fub_updated_at"),
}

APPOINTMENT = {
    "id": key,
    "created_at": first_of(moment, "created_at", "ad_created_at"),
    "updated_at": of(moment, "ad_updated_at"),
    "ad_appointment_id": of(text, "ad_appointment_id"),
    "appointment_id": of(text, "appointment_id"),
    "fub_account_id": reference("fub_account_id", "fub_accounts"),
    "fub_users_id": reference("fub_user_id", "fub_users"),
    "fub_user_id_raw": of(nonzero, "fub_user_id_raw"),
    "created_by_fub_users_id": reference("created_by_fub_user_id", "fub_users"),
    "created_by_id": of(nonzero, "created_by_id"),
    "created_by_name": of(text, "created_by_name"),
    "updated_by_id": of(nonzero, "updated_by_id"),
    "updated_by_name": of(text, "updated_by_name"),
    "fub_people_id": reference("invited_person_id", "fub_people"),
    "invited_person_id_raw": of(nonzero, "invited_person_id_raw"),
    "user_id": reference("user_id", "user"),
    "agent_id": _agent_through("fub_users", "fub_user_id"),
    "title": of(text, "title"),
    "description": of(text, "description"),
    "type": of(text, "type"),
    "outcome": of(text, "outcome"),
    "is_held": _is_held,
    "start_at": of(moment, "start"),
    "end_at": of(moment, "end"),
    "timezone": of(text, "timezone"),
    "is_all_day": of(boolean, "is_all_day"),
    "is_from_fub": of(boolean, "is_from_fub"),
    "location": of(text, "location"),
    "invitees": of(jsonb, "invitees"),
    "external_link": of(text, "external_link"),
    "fub_created_at": of(moment, "fub_created_at"),
    "fub_updated_at": of(moment, "fub_updated_at"),
}

MESSAGE = {
    "id": key,
    "created_at": of(moment, "created_at"),
    "updated_at": of(moment, "ad_updatedAt"),
    "ad_text_message_id": of(text, "ad_text_message_id"),
    "text_message_id": of(text, "text_message_id"),
    "fub_account_id": reference("fub_account_id", "fub_accounts"),
    "fub_users_id": reference("fub_users_id", "fub_users"),
    "fub_user_id": of(nonzero, "user_id_fub"),
    "fub_people_id": reference("fub_people_id", "fub_people"),
    "user_id": reference("user_id", "user"),
    "agent_id": _agent_through("fub_users", "fub_users_id"),
    "person_name": of(text, "name"),
    "user_name": of(text, "user_name"),
    "status": of(text, "status"),
    "message": of(text, "message"),
    "from_number": of(text, "from_number"),
    "to_number": of(text, "to_number"),
    "sent_at": first_of(moment, "sent", "created_at_fub"),
    "is_incoming": flag("is_incoming"),
    "archived": of(boolean, "archived"),
    "is_read": of(boolean, "read"),
    "participants": of(jsonb, "participants"),
    "is_webhook": of(boolean, "is_webhook"),
    "picture": of(jsonb, "picture"),
    "fub_created_at": of(moment, "created_at_fub"),
    "fub_updated_at": of(moment, "updated_at_fub"),
}

TABLES = {
    "fub_users": one_to_one("fub_users", USER),
    "fub_people": one_to_one("fub_people", PERSON),
    "fub_calls": one_to_one("fub_calls", CALL),
    "fub_events": one_to_one("fub_events", EVENT),
    "fub_appointments": one_to_one("fub_appointments", APPOINTMENT),
    "fub_text_messages": one_to_one("fub_text_messages", MESSAGE),
}
