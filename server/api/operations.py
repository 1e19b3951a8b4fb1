"""The API's contract, as data: one line per operation. The OpenAPI document and the reference page come from it."""

from dataclasses import dataclass

from registry.exchange.acts import ACTS, Act


@dataclass(frozen=True)
class Operation:
    """`body` names the JSON Schema of the body, `answer` that of the answer (in `server/api/answers.py`); `version` says
    whether If-Match is required, admitted, or not read; `parameters` name the query's parameters; `pending` says that
    202 answers while what is asked for is not there yet; `refuses` are statuses beyond those that the rest implies; `signable`
    acts may carry the signature of their author's device."""

    id: str
    method: str
    path: str
    tag: str
    summary: str
    answer: str
    status: int = 200
    body: str | None = None
    version: str | None = None
    parameters: tuple[str, ...] = ()
    public: bool = False
    media_type: str = "application/json"
    pending: bool = False
    refuses: tuple[int, ...] = ()
    signable: bool = False


_EXCHANGES, _REGISTERS, _CONVENTIONS, _REFERENCE = "Échanges", "Registres", "Conventions", "Références"

_PATHS = {
    "document": ("put", "document"),
    **{name: ("put", name) for name in ACTS if name.startswith("study/")},
    "override": ("post", "findings/{check}/override"),
    "recommendations": ("post", "recommendations/{number}/status"),
    "incident-status": ("post", "incidents/{number}/status"),
    "objection-status": ("post", "objections/{number}/status"),
}
_BEGINS = "modification"
"""The act that answers with another exchange: the one it begins."""


def _act(act: Act) -> Operation:
    method, path = _PATHS.get(act.name, ("post", act.name))
    saved = act.name == "document"
    return Operation(
        id=act.name.replace("/", "_").replace("-", "_"),
        method=method,
        path=f"/requests/{{request_id}}/{path}",
        tag=_EXCHANGES,
        summary=act.label,
        body=act.schema,
        answer="standing_with_findings" if saved else "standing",
        status=201 if act.name == _BEGINS else 200,
        version="required" if act.judges_version else "admitted",
        parameters=("stage",) if saved else (),
        refuses=(429,) if act.name == "attachments" else (),
        signable=act.signable,
    )


OPERATIONS: tuple[Operation, ...] = (
    Operation("read_convention", "get", "/conventions/{convention}", _CONVENTIONS, "Lire une convention", "convention"),
    Operation("read_indicators", "get", "/conventions/{convention}/indicators", _CONVENTIONS,
              "Lire les indicateurs (des agrégats seulement)", "indicators", parameters=("year",)),
    Operation("read_report", "get", "/conventions/{convention}/report", _CONVENTIONS,
              "Télécharger le rapport annuel du comité de pilotage, ou le bilan (PDF)", "file",
              media_type="application/pdf", parameters=("year",)),
    Operation("record_amendment", "post", "/conventions/{convention}/amendments", _CONVENTIONS,
              "Enregistrer un avenant ou une reconduction", "convention_made", 201, "amendment"),
    Operation("read_convention_checks", "get", "/conventions/{convention}/checks", _CONVENTIONS,
              "Lire les contrôles tels que la convention les règle", "convention_checks"),
    Operation("adjust_checks", "post", "/conventions/{convention}/checks", _CONVENTIONS,
              "Régler les textes et les seuils des contrôles", "convention_made", 201, "check_adjustments"),
    Operation("record_succession", "post", "/conventions/{convention}/successions", _CONVENTIONS,
              "Enregistrer la succession d'une partie", "convention_made", 201, "succession"),
    *(
        Operation(act, "post", f"/conventions/{{convention}}/{path}", _CONVENTIONS, summary, "convention_made", 201, act)
        for path, act, summary in (
            ("notices", "termination_notice", "Enregistrer une mise en demeure ou une dénonciation (article 12)"),
            ("notice-withdrawals", "notice_withdrawal", "Retirer une mise en demeure ou une dénonciation"),
            ("termination", "termination", "Enregistrer la résiliation : les engagements cessent aussitôt"),
            ("exits", "party_exit", "Enregistrer la sortie d'une partie qui ne suit pas la reconduction"),
            ("committee/members", "committee_member", "Ajouter un membre du comité de pilotage"),
            ("committee/departures", "committee_departure", "Enregistrer le départ d'un membre du comité"),
            ("committee/meetings", "committee_meeting", "Enregistrer une réunion du comité de pilotage"),
        )
    ),
    Operation("designate_dpo", "post", "/parties/{party}/dpo-designations", _CONVENTIONS,
              "Désigner un délégué à la protection des données", "convention_made", 201, "dpo_designation"),
    Operation("delegate", "post", "/parties/{party}/delegations", _CONVENTIONS,
              "Enregistrer une délégation de signature", "convention_made", 201, "delegation"),
    Operation("set_device_policy", "post", "/parties/{party}/device-policy", _CONVENTIONS,
              "Régler la signature des avis et décisions sur l'appareil", "convention_made", 201, "device_policy"),
    Operation("create_request", "post", "/conventions/{convention}/requests", _EXCHANGES, "Rédiger une demande",
              "standing_with_findings", 201, "request"),
    Operation("create_existing", "post", "/conventions/{convention}/existing-exchanges", _EXCHANGES,
              "Déclarer un échange qui existe déjà, à régulariser", "standing_with_findings", 201, "existing_exchange"),
    Operation("list_requests", "get", "/requests", _EXCHANGES, "Lister les demandes de sa partie, ou y chercher des mots",
              "requests", parameters=("state", "party", "field", "q", "turn", "role", "overdue", "cursor_place", "limit")),
    Operation("read_request", "get", "/requests/{request_id}", _EXCHANGES, "Lire un échange", "exchange"),
    *(_act(act) for act in ACTS.values()),
    Operation("ask_device_signature", "post", "/requests/{request_id}/device-signatures", _EXCHANGES,
              "Préparer la signature d'un acte sur l'appareil de son auteur", "device_offer", 201, "device_offer",
              "required"),
    Operation("list_recommendations", "get", "/requests/{request_id}/recommendations", _EXCHANGES,
              "Lister les recommandations et conditions", "recommendations"),
    Operation("read_attachment", "get", "/requests/{request_id}/attachments/{digest}", _EXCHANGES,
              "Télécharger une pièce du dossier", "file", media_type="application/octet-stream", refuses=(409,)),
    Operation("list_flows", "get", "/requests/{request_id}/flows", _EXCHANGES,
              "Lire le journal des envois et des consultations", "flows", parameters=("cursor", "limit")),
    Operation("import_flows", "post", "/requests/{request_id}/flows/imports", _EXCHANGES,
              "Inscrire les envois d'un tableau (CSV)", "standing", body="upload", version="admitted", refuses=(429,)),
    Operation("list_events", "get", "/requests/{request_id}/events", _EXCHANGES,
              "Lire l'historique et ses enregistrements signés", "events", parameters=("cursor", "limit")),
    Operation("read_evidence", "get", "/requests/{request_id}/evidence", _EXCHANGES,
              "Télécharger le dossier de preuves (zip)", "file", media_type="application/zip", refuses=(429,)),
    Operation("read_receipt", "get", "/receipts/{object_id}/{revision}", _EXCHANGES,
              "Télécharger le reçu d'un enregistrement (tlog-proof ; 202 et la note signée tant qu'il attend)", "file",
              media_type="text/plain", pending=True),
    Operation("read_document", "get", "/requests/{request_id}/documents/{document}", _EXCHANGES,
              "Télécharger un document de l'échange (PDF)", "file", media_type="application/pdf", refuses=(409, 422)),
    Operation("read_pia", "get", "/requests/{request_id}/pia", _EXCHANGES,
              "Télécharger une analyse d'impact préremplie, pour le logiciel PIA de la CNIL", "pia"),
    Operation("list_exchanges", "get", "/conventions/{convention}/exchanges", _CONVENTIONS,
              "Lister les échanges en vigueur (CRPA, article L. 114-8)", "public_list", public=True),
    Operation("list_exchanges_csv", "get", "/conventions/{convention}/exchanges.csv", _CONVENTIONS,
              "La même liste, pour un tableur", "file", media_type="text/csv", public=True),
    Operation("read_register", "get", "/parties/{party}/register", _REGISTERS, "Lire le registre à une date", "register",
              parameters=("as_of", "kind", "audience", "status", "field", "state", "legal_basis", "category", "q",
                          "review_before", "cursor_pair", "limit")),
    Operation("create_entry", "post", "/parties/{party}/register/entries", _REGISTERS, "Créer une fiche à la main",
              "entry_made", 201, "register_entry"),
    Operation("read_entry", "get", "/parties/{party}/register/entries/{entry}", _REGISTERS, "Lire une fiche", "entry"),
    Operation("update_entry", "put", "/parties/{party}/register/entries/{entry}", _REGISTERS, "Compléter une fiche",
              "entry_made", 200, "register_entry", "required"),
    Operation("erase_entry", "post", "/parties/{party}/register/entries/{entry}/erasure", _REGISTERS,
              "Effacer les textes d'une fiche", "entry_made", 200, "erasure"),
    Operation("create_processor_entry", "post", "/parties/{party}/register/processor-entries", _REGISTERS,
              "Créer une fiche de sous-traitant", "entry_made", 201, "processor_entry"),
    Operation("update_processor_entry", "put", "/parties/{party}/register/processor-entries/{entry}", _REGISTERS,
              "Compléter une fiche de sous-traitant", "entry_made", 200, "processor_entry", "required"),
    Operation("read_linked_records", "get", "/requests/{request_id}/records", _REGISTERS,
              "Comparer les fiches d'un échange", "linked_records"),
    Operation("list_entry_versions", "get", "/parties/{party}/register/entries/{entry}/versions", _REGISTERS,
              "Lister les versions d'une fiche", "entry_versions"),
    Operation("ask_export", "post", "/parties/{party}/register/exports", _REGISTERS, "Demander un export", "export", 202,
              "register_export", refuses=(429,)),
    Operation("read_export", "get", "/parties/{party}/register/exports/{export}", _REGISTERS,
              "Suivre un export", "export"),
    Operation("cancel_export", "delete", "/parties/{party}/register/exports/{export}", _REGISTERS,
              "Arrêter un export, ou renoncer à son fichier", "export"),
    Operation("read_export_file", "get", "/parties/{party}/register/exports/{export}/file", _REGISTERS,
              "Télécharger le fichier d'un export", "file", media_type="application/octet-stream", refuses=(409,)),
    Operation("inspect", "get", "/parties/{party}/inspection", _REGISTERS,
              "Voir, à une date, tout ce qui appuie les échanges approuvés", "inspection", parameters=("as_of",)),
    Operation("inspect_csv", "get", "/parties/{party}/inspection.csv", _REGISTERS,
              "La même vue, pour un tableur", "file", media_type="text/csv", parameters=("as_of",)),
    Operation("list_webhooks", "get", "/parties/{party}/webhooks", _REGISTERS,
              "Lister les adresses auxquelles les actes sont annoncés", "webhooks"),
    Operation("add_webhook", "post", "/parties/{party}/webhooks", _REGISTERS,
              "Annoncer les actes à une adresse (Standard Webhooks)", "webhook_made", 201, "webhook"),
    Operation("remove_webhook", "delete", "/parties/{party}/webhooks/{webhook}", _REGISTERS,
              "Ne plus rien annoncer à une adresse", "webhook_gone"),
    Operation("import_register", "post", "/parties/{party}/register/imports", _REGISTERS,
              "Importer un registre, ou voir ce que l'import changerait", "import_plan", body="upload", refuses=(429,),
              parameters=("dry_run",)),
    Operation("read_schema", "get", "/schemas/{name}", _REFERENCE, "Lire le schéma d'un document", "schema",
              parameters=("version",), public=True),
    Operation("list_checks", "get", "/checks", _REFERENCE, "Lire le catalogue des contrôles", "checks", public=True),
    Operation("read_openapi", "get", "/openapi.json", _REFERENCE, "Lire cette description (OpenAPI 3.1)", "openapi",
              public=True),
)  # fmt: skip
