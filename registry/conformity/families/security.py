"""Security: SEC-01 to SEC-08."""

from registry.conformity.reading import Reading
from registry.conformity.registered import Answer, check, where
from registry.conformity.terms import is_blank

_OPEN = frozenset({"unencrypted_email", "unencrypted_usb_key", "consumer_cloud", "instant_messaging"})


@check("SEC-01")
def _open_channel(r: Reading) -> Answer:
    return where(r.channel.get("kind") in _OPEN, "channel/kind")


@check("SEC-02")
def _same_channel(r: Reading) -> Answer:
    return where(r.channel.get("secret_sent_same_channel") is True, "channel/secret_sent_same_channel")


@check("SEC-03")
def _unnamed(r: Reading) -> Answer:
    return where(r.channel.get("named_authorisations") is not True, "channel/named_authorisations")


@check("SEC-04")
def _no_logging(r: Reading) -> Answer:
    return where(r.channel.get("logging") is not True, "channel/logging")


@check("SEC-05")
def _shared_account(r: Reading) -> Answer:
    return where(r.channel.get("shared_account") is True, "channel/shared_account")


@check("SEC-06")
def _national_service(r: Reading) -> Answer:
    exists = not is_blank(r.channel.get("national_service"))
    return where(exists and r.channel.get("national_service_used") is not True, "channel/national_service_used")


@check("SEC-07")
def _no_breach_procedure(r: Reading) -> Answer:
    return where(r.channel.get("breach_procedure") is not True, "channel/breach_procedure")


@check("SEC-08")
def _real_data_in_tests(r: Reading) -> Answer:
    return where(r.uses.get("real_data_in_tests") is True, "uses/real_data_in_tests")
