"""Which rights each route asks for: every handler by name, and lines of the table `registry/authorisation/rights.py`.

A route with several rights asks for the one that what it is about calls for. A handler that is not here serves neither
a visitor nor a token of limited scope, and the tests fail (`tests/server/test_authorisation.py`).
"""

from functools import cache

from registry.authorisation import RIGHTS
from registry.exchange.acts import ACTS

_API = {
    "exchange.read": (
        "read_request", "list_recommendations", "list_events", "read_linked_records", "read_document", "read_pia",
        "read_evidence", "list_flows", "read_attachment",
    ),
    "exchange.list": ("list_requests",),
    "exchange.create": ("create_request", "create_existing"),
    "register.read": ("read_register", "read_entry", "list_entry_versions"),
    "register.keep": (
        "create_entry", "update_entry", "create_processor_entry", "update_processor_entry", "import_register",
    ),
    "register.erase": ("erase_entry",),
    "register.export": ("ask_export", "read_export", "read_export_file", "cancel_export"),
    "inspection": ("inspect", "inspect_csv"),
    "convention.read": ("read_convention", "read_convention_checks"),
    "indicators.read": ("read_indicators", "read_report"),
    "convention.amendment": ("record_amendment",),
    "convention.succession": ("record_succession",),
    "convention.checks": ("adjust_checks",),
    "mandates.designate": ("designate_dpo",),
    "mandates.delegate": ("delegate",),
    "mandates.devices": ("set_device_policy",),
    "webhooks.read": ("list_webhooks",),
    "webhooks.keep": ("add_webhook", "remove_webhook"),
    "ledger.read": ("ledger_checkpoint", "ledger_keys", "ledger_tile"),
    "ledger.cosign": ("ledger_cosign",),
}  # fmt: skip

_PAGES = {
    "convention.read": ("convention_page",),
    "exchange.create": ("new_request", "begin_request", "existing_page", "declare_existing"),
    "register.read": ("register_page", "register_completeness", "register_entry"),
    "register.keep": (
        "register_confirmations", "register_confirmation", "confirm_register_entries", "confirm_register_entry",
        "new_register_entry", "add_register_entry", "edit_register_entry", "change_register_entry", "register_import",
        "upload_register", "preview_register_import", "confirm_register_import", "add_own_record",
    ),
    "texts.own": ("own_texts", "keep_own_text", "change_own_text"),
    "exchange.read": ("filing_receipt", "exchange_page", "versions_page", "flows_page"),
    "exchange.list": ("inbox_page", "own_deadlines", "reviews_page", "transfers", "transfers_csv"),
    "indicators.read": ("dashboard",),
    "inspection": ("inspection",),
    "register.export": (
        "register_exports", "ask_register_export", "register_export_page", "give_up_register_export",
        "ask_inspection_pack", "inspection_pack", "give_up_inspection_pack",
    ),
    "mandates.read": ("mandates",),
    "mandates.designate": ("record_designation",),
    "mandates.delegate": ("record_delegation",),
    "mandates.devices": ("set_device_policy_page",),
    "accounts.read": ("party_accounts", "party_tokens", "mails"),
    "accounts.administer": (
        "invite", "withdraw_invitation", "offer_reset", "end_role", "deactivate", "revoke_party_token",
        "resend_mail",
    ),
    "webhooks.read": ("webhooks",),
    "webhooks.keep": ("keep_webhook", "drop_webhook"),
    "tokens.own": ("tokens", "revoke_token"),
    "tokens.issue": ("issue_token",),
    "account.own": (
        "account", "change_password", "offer_codes", "show_seed", "confirm_codes", "remove_codes",
        "make_recovery_codes", "passkey_creation_options", "add_passkey", "remove_passkey", "sign_with_passkey",
        "unlink_identity",
        "revoke_session", "own_data", "leave_page", "erase_own_account", "set_mail_preference", "choose_party",
        "enter_party",
    ),
}  # fmt: skip

_DOORS = {
    "public": (
        "read_schema", "list_checks", "read_openapi", "list_exchanges", "list_exchanges_csv", "healthz", "readyz",
        "security_txt",
        "static", "welcome", "api_reference", "exchanges", "verification", "unsubscribe_page", "unsubscribe",
        "verify_file", "accessibility",
    ),
    "enter": (
        "sign_in", "sign_in_password", "sign_in_onward", "passkey_sign_in_options", "passkey_sign_in", "confirm",
        "confirm_code", "passkey_confirm_options", "passkey_confirm", "sign_out", "invitation", "accept_invitation",
        "oidc_begin", "oidc_callback", "demonstration", "demonstration_enter",
        "demonstration_confirm",
    ),
}  # fmt: skip

_SEVERAL = {
    "read_receipt": ("exchange.read", "register.read", "convention.read", "ledger.read"),
    "declare_absence": ("accounts.absence", "accounts.administer"),
    "end_absence": ("accounts.absence", "accounts.administer"),
}

_ACTS = {
    "save_document": ("act/document",),
    "conclude_study": tuple(f"act/{name}" for name in ACTS if name.startswith("study/")),
    "override_finding": ("act/override",),
    **dict.fromkeys(
        ("act_page", "do_act", "reread_act", "sign_act", "offer_act_signature", "keep_draft"),
        tuple(f"act/{name}" for name in ACTS),
    ),
    **dict.fromkeys(
        (
            "resume_draft",
            "filing_step",
            "save_step",
            "step_findings",
            "review_draft",
            "open_stages",
            "stage",
            "save_stage",
        ),
        ("act/document",),
    ),
    "file_draft": ("act/filing",),
    **dict.fromkeys(
        ("convention_act_page", "do_convention_act"),
        ("convention.amendment", "convention.ending", "convention.succession", "convention.committee"),
    ),
    "modify": ("act/modification",),
    "import_flows": ("act/flows",),
    "follow_recommendation": ("act/recommendations",),
    "attach": ("act/attachments",),
    "attach_page": ("act/attachments",),
    "attach_piece": ("act/attachments",),
    "import_flows_page": ("act/flows",),
    "review_several": ("act/review",),
    "follow_incident": ("act/incident-status",),
    "follow_objections": ("act/objection-status",),
    "erase_request": ("act/erasure",),
    "ask_device_signature": tuple(f"act/{act.name}" for act in ACTS.values() if act.signable),
}

RIGHTS_OF: dict[str, tuple[str, ...]] = {
    **{name: (right,) for group in (_API, _PAGES, _DOORS) for right, names in group.items() for name in names},
    **_SEVERAL,
    **_ACTS,
}


_BY_ENDING: dict[str, dict[str, str]] = {
    "act": {name: f"act/{name}" for name in ACTS},
    "convention_act": {
        **dict.fromkeys(("notices", "notice-withdrawals", "termination", "exits"), "convention.ending"),
        **dict.fromkeys(("committee/members", "committee/departures", "committee/meetings"), "convention.committee"),
    },
}
"""Handlers of several addresses: what each asks for, by its end."""


def rights_of(handler: str, path: str) -> tuple[str, ...]:
    """The rights that a route asks for, none when nobody said."""
    plain = path.replace(":str}", "}")
    found = (right for ending, right in _BY_ENDING.get(handler, {}).items() if plain.endswith(f"/{ending}"))
    return RIGHTS_OF.get(handler) or tuple(found)


def rights_of_operation(operation: str, path: str) -> tuple[str, ...]:
    """The rights that an operation of the OpenAPI document asks for: acts bear their own names there."""
    act = next((name for name in ACTS if name.replace("/", "_").replace("-", "_") == operation), None)
    if act is not None:
        return (f"act/{act}",)
    return RIGHTS_OF.get(operation) or rights_of("convention_act", path)


def is_open(handler: str) -> bool:
    """Whether a route is for whoever comes; never one that nobody gave a right."""
    rights = RIGHTS_OF.get(handler, ())
    return bool(rights) and all(RIGHTS[right].relation in {"public", "visitor"} for right in rights)


@cache
def scopes_of(rights: tuple[str, ...]) -> frozenset[str]:
    """The scopes of which a token must have one."""
    return frozenset(RIGHTS[name].scope or "" for name in rights if name in RIGHTS) - {""}
