"""SEC: the channel, its accounts, its traces."""

from tests.registry.conformity.cases import ABSENT, Table, each, every, table_test

OPEN = ("unencrypted_email", "unencrypted_usb_key", "consumer_cloud", "instant_messaging")
SERVICE, USED = "channel.national_service", "channel.national_service_used"


def _expected_true(check: str) -> dict[object, str]:
    return {True: "", False: f"+{check}", None: f"+{check}", ABSENT: f"+{check}"}


def _expected_false(check: str) -> dict[object, str]:
    return {True: f"+{check}", False: "", None: "", ABSENT: ""}


TABLE: Table = {
    "SEC-01": [
        *every("channel.kind", "channel_kind", dict.fromkeys(OPEN, "+SEC-01")),
        *each("channel.kind", {None: "", ABSENT: ""}),
        ({"channel": None}, "+SEC-03 +SEC-04 +SEC-07"),
    ],
    "SEC-02": each("channel.secret_sent_same_channel", _expected_false("SEC-02")),
    "SEC-03": each("channel.named_authorisations", _expected_true("SEC-03")),
    "SEC-04": each("channel.logging", _expected_true("SEC-04")),
    "SEC-05": each("channel.shared_account", _expected_false("SEC-05")),
    "SEC-06": [
        *each(USED, _expected_true("SEC-06")),
        *each(SERVICE, {None: "", "": "", " ": "", ABSENT: "", "Cdap": "+SEC-06"}, **{USED: False}),
    ],
    "SEC-07": each("channel.breach_procedure", _expected_true("SEC-07")),
    "SEC-08": [*each("uses.real_data_in_tests", _expected_false("SEC-08")), ({"uses": None}, "")],
}

test_findings_move_as_the_catalogue_says = table_test(TABLE)
