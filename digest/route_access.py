"""Who may open which page: one declaration for each route. A route without one is refused.

docs/roles.md has the table for people; a test compares it with this one and tries every route with every role.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from digest.accounts.states import Role, Scope


@dataclass(frozen=True, slots=True)
class Access:
    """What a route needs.

    `role` is the lowest role that may use it; None: everybody, without an account. `recent` routes do what can't be
    undone: one must have proved in the last half hour who one is. `before_setup` routes also work with a one-time
    password and without a required second factor. The forms of `strict` routes have only single texts: no files, no
    repeated fields. Routes with a `scope` are of the API: they need a token that has it, and no session opens them.
    """

    role: Role | None
    recent: bool = False
    before_setup: bool = False
    strict: bool = False
    scope: Scope | None = None


PUBLIC = Access(None)
PUBLIC_FORM = Access(None, strict=True)
READ = Access(Role.VIEWER)
OWN = Access(Role.VIEWER, before_setup=True, strict=True)
OWN_RECENT = Access(Role.VIEWER, recent=True, before_setup=True, strict=True)
NEWS = Access(Role.EDITOR)
NEWS_RECENT = Access(Role.EDITOR, recent=True)
PEOPLE = Access(Role.MANAGER)
PEOPLE_RECENT = Access(Role.MANAGER, recent=True)
ADMIN = Access(Role.ADMIN, strict=True)
ADMIN_FILE = Access(Role.ADMIN)  # the form has a file
ADMIN_RECENT = Access(Role.ADMIN, recent=True, strict=True)
READING_TOKEN = Access(None, scope=Scope.READ)
SUBSCRIBERS_TOKEN = Access(None, scope=Scope.SUBSCRIBERS)
EDITORIAL_TOKEN = Access(None, scope=Scope.EDITORIAL)
SENDING_TOKEN = Access(None, scope=Scope.SEND)
ADMIN_TOKEN = Access(None, scope=Scope.ADMIN)

DECLARATIONS: tuple[tuple[Access, tuple[str, ...]], ...] = (
    (PUBLIC, (
        "static", "health.healthz", "health.readyz", "metrics.metrics", "webhooks.receive", "sample.feed",
        "sample.page",
        "sample.article", "web.confirm", "web.confirm_post", "web.feeds", "web.feed", "web.outbox", "web.outbox_mail",
        "web.outbox_html", "web.outbox_raw", "web.join", "web.join_post", "web.sent", "web.link", "web.link_post",
        "web.preferences", "web.preferences_post", "web.pause_post", "web.return_post", "web.owner_post", "web.erase",
        "web.erase_post", "web.search_regions", "web.unsubscribe", "web.unsubscribe_post", "web.unsubscribe_undo",
        "web.map_page", "web.map_svg", "web.previous_digest", "web.read", "web.region", "web.region_day",
        "web.region_card", "web.robots", "web.sitemap", "web.sample", "web.sample_count", "web.change",
        "web.change_post", "web.address", "web.move_post", "web.own_data", "web.own_data_file", "web.address_post",
        "web.unsubscribe_fewer", "web.unsubscribe_reason", "web.embed", "web.embed_post", "web.mixed_feed",
        "web.feed_list", "web.look_logo", "web.look_styles", "web.open_story",
    )),
    (PUBLIC_FORM, (
        "admin.sign_in", "admin.second_step", "admin.forgotten", "admin.choose_password", "admin.oidc_start",
        "admin.oidc_return",
    )),
    (PUBLIC, ("v1.openapi", "v1.reference", "v1.sign_up")),
    (READING_TOKEN, (
        "v1.list_sources", "v1.get_source", "v1.list_polls", "v1.list_articles", "v1.get_article", "v1.list_stories",
        "v1.get_story",
        "v1.list_regions", "v1.get_region", "v1.get_counts", "v1.list_editions", "v1.get_edition", "v1.get_progress",
        "v1.get_edition_feedback", "v1.list_digests", "v1.list_deliveries", "v1.count_audience",
        "v1.preview", "v1.list_feedback", "v1.get_token",
        "v1.get_health", "v1.get_group", "v1.list_exclusions",
    )),
    (SUBSCRIBERS_TOKEN, (
        "v1.list_subscribers", "v1.get_subscriber", "v1.add_subscriber", "v1.add_subscribers",
        "v1.change_subscriber", "v1.pause_subscriber",
        "v1.resume_subscriber", "v1.unsubscribe_subscriber", "v1.send_link", "v1.erase_subscriber", "v1.get_history",
        "v1.list_suppressions", "v1.suppress_address", "v1.lift_suppression",
    )),
    (EDITORIAL_TOKEN, (
        "v1.add_source", "v1.change_source", "v1.delete_source", "v1.poll_source", "v1.decide_held", "v1.set_tags",
        "v1.reset_tags", "v1.set_kind", "v1.reset_kind", "v1.split_story", "v1.change_story", "v1.merge_story",
        "v1.draft_edition", "v1.freeze_edition", "v1.thaw_edition", "v1.unschedule_edition", "v1.pause_edition",
        "v1.resume_edition", "v1.set_rate", "v1.add_group", "v1.change_group", "v1.take_back_group",
        "v1.exclude_words", "v1.remove_exclusion",
    )),
    (SENDING_TOKEN, ("v1.send_edition", "v1.cancel_edition", "v1.send_test_mail")),
    (ADMIN_TOKEN, ("v1.list_settings",)),
    (OWN, (
        "admin.password", "admin.sign_out", "admin.confirm_identity", "admin.own_sign_in", "admin.set_own_alerts",
        "admin.set_own_language", "admin.set_own_zone",
    )),
    (OWN_RECENT, (
        "admin.app", "admin.set_up_app", "admin.remove_app", "admin.new_passkey", "admin.add_passkey",
        "admin.remove_passkey", "admin.renew_recovery_codes",
    )),
    (READ, (
        "api.sources", "admin.overview", "admin.articles", "admin.article", "admin.corrections_file",
        "admin.kind_corrections_file", "admin.sources", "admin.today", "admin.keys",
        "admin.figures", "admin.opens", "admin.day_notes", "admin.coverage", "admin.source_packs", "admin.exclusions",
        "admin.source", "admin.source_polls", "admin.export_sources", "admin.story", "admin.regions", "admin.region",
        "admin.preview",
        "admin.preview_html", "admin.preview_text", "admin.preview_message", "admin.editions", "admin.edition",
        "admin.edition_changes",
        "admin.edition_progress", "admin.edition_reader", "admin.edition_reader_html", "admin.edition_reader_message",
        "admin.digest", "admin.digest_html", "admin.digest_message", "admin.subscribers", "admin.subscriber",
        "admin.feedback", "admin.suppressions",
    )),
    (NEWS, (
        "admin.set_hidden", "admin.retag", "admin.tag_again", "admin.choose_kind", "admin.reset_kind",
        "admin.exclude_words", "admin.add_exclusion", "admin.remove_exclusion",
        "admin.pin_story", "admin.merge_story", "admin.change_today", "admin.change_day_notes",
        "admin.split_story", "admin.new_region", "admin.add_region", "admin.change_region",
        "admin.confirm_retire_region", "admin.set_region_retired", "admin.take_back_region", "admin.try_source",
        "admin.try_source_change",
        "admin.add_source", "admin.add_from_packs", "admin.import_sources", "admin.decide_held", "admin.change_source",
        "admin.move_sources", "admin.rename_folder", "admin.take_back_move",
        "admin.poll_source", "admin.set_source_state", "admin.compose", "admin.check_compose", "admin.draft",
        "admin.send_test",
        "admin.freeze_edition", "admin.thaw_edition", "admin.unschedule_edition", "admin.hold_edition",
        "admin.set_edition_rate", "admin.add_subscriber_note", "admin.subscriber_note", "admin.change_subscriber_note",
        "admin.delete_subscriber_note", "admin.remember_edition", "admin.hold_slot",
    )),
    (NEWS_RECENT, (
        "admin.send", "admin.confirm_release", "admin.release_edition", "admin.confirm_cancel", "admin.cancel_edition",
        "admin.confirm_delete_source", "admin.delete_source",
    )),
    (PEOPLE, (
        "admin.choose_bulk_change", "admin.undo_bulk_change", "admin.subscriber_imports", "admin.upload_import",
        "admin.import_columns_page",
        "admin.choose_import_columns", "admin.subscriber_import", "admin.import_progress", "admin.discard_import",
        "admin.subscriber_choices", "admin.change_subscriber", "admin.new_subscriber", "admin.add_subscriber",
        "admin.subscriber_address", "admin.change_address",
        "admin.send_link", "admin.suppress_one", "admin.import_suppressions", "admin.confirm_lift", "admin.lift",
    )),
    (PEOPLE_RECENT, (
        "admin.start_import", "admin.import_rows", "admin.confirm_undo_import", "admin.undo_import",
        "admin.change_many", "admin.confirm_unsubscribe", "admin.unsubscribe", "admin.confirm_erase", "admin.erase",
        "admin.export_suppressions",
    )),
    (ADMIN, (
        "admin.accounts", "admin.audit", "admin.export_audit", "admin.tokens", "admin.webhooks", "admin.webhook",
        "admin.setting_up", "admin.confirm_backups", "admin.look", "admin.export_look",
    )),
    (ADMIN_FILE, ("admin.change_look", "admin.preview_look", "admin.import_look")),
    (ADMIN_RECENT, (
        "admin.add_account", "admin.set_account_role", "admin.set_account_state", "admin.confirm_reset",
        "admin.send_reset", "admin.confirm_remove_second_factor", "admin.remove_second_factor", "admin.add_token",
        "admin.confirm_revoke_token", "admin.revoke_token", "admin.add_webhook", "admin.set_webhook_state",
        "admin.replay_message", "admin.confirm_remove_webhook", "admin.remove_webhook",
    )),
)  # fmt: skip


def build_access(declarations: Iterable[tuple[Access, Iterable[str]]]) -> dict[str, Access]:
    """The declarations by endpoint. Raises ValueError for an endpoint with two."""
    found: dict[str, Access] = {}
    for access, endpoints in declarations:
        for endpoint in endpoints:
            if endpoint in found:
                raise ValueError(f"{endpoint} has two declarations")
            found[endpoint] = access
    return found


ACCESS = build_access(DECLARATIONS)
