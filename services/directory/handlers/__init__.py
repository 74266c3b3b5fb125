"""Everything the directory can be told to do."""

from services.directory.handlers.accounts import (
    NewAccount,
    give_new_password,
    leave_out_second_factor,
    open_account,
    set_locked,
    unlock,
)
from services.directory.handlers.api_tokens import (
    NewToken,
    issue_token,
    revoke_token,
)
from services.directory.handlers.cleaning import (
    sweep,
)
from services.directory.handlers.conflicts import (
    DeclareConflict,
    declare_conflict,
    end_conflict,
)
from services.directory.handlers.handing import (
    HandedItem,
    HandOver,
    hand_over,
)
from services.directory.handlers.importing import (
    import_folder,
    import_table,
)
from services.directory.handlers.members import (
    ChangeMember,
    InviteMember,
    SetLeave,
    change_member,
    deactivate_member,
    invite_member,
    set_leave,
)
from services.directory.handlers.organisations import (
    ChangeOrganisation,
    Confirmation,
    OpenOrganisation,
    change_organisation,
    close_organisation,
    open_organisation,
)
from services.directory.handlers.own_account import (
    ChosenPassword,
    confirm_second_factor,
    drop_second_factor,
    improve_hash,
    link_provider,
    prepare_second_factor,
    set_password,
)
from services.directory.handlers.publishing import (
    Changed,
    Uncovered,
    publish_district,
)
from services.directory.handlers.rota import (
    AddDuty,
    add_duty,
    end_duty,
)
from services.directory.handlers.seen import (
    Seen,
)
from services.directory.handlers.sessions import (
    Opened,
    Proof,
    act_as,
    end_former,
    end_other_sessions,
    end_session,
    open_session,
    prove_again,
    touch,
)
from services.directory.handlers.throttle import (
    Tries,
    check_pause,
    note_success,
    note_try,
)

__all__ = [
    "AddDuty",
    "ChangeMember",
    "ChangeOrganisation",
    "Changed",
    "ChosenPassword",
    "Confirmation",
    "DeclareConflict",
    "HandOver",
    "HandedItem",
    "InviteMember",
    "NewAccount",
    "NewToken",
    "OpenOrganisation",
    "Opened",
    "Proof",
    "Seen",
    "SetLeave",
    "Tries",
    "Uncovered",
    "act_as",
    "add_duty",
    "change_member",
    "change_organisation",
    "check_pause",
    "close_organisation",
    "confirm_second_factor",
    "deactivate_member",
    "declare_conflict",
    "drop_second_factor",
    "end_conflict",
    "end_duty",
    "end_former",
    "end_other_sessions",
    "end_session",
    "give_new_password",
    "hand_over",
    "import_folder",
    "import_table",
    "improve_hash",
    "invite_member",
    "issue_token",
    "leave_out_second_factor",
    "link_provider",
    "note_success",
    "note_try",
    "open_account",
    "open_organisation",
    "open_session",
    "prepare_second_factor",
    "prove_again",
    "publish_district",
    "revoke_token",
    "set_leave",
    "set_locked",
    "set_password",
    "sweep",
    "touch",
    "unlock",
]
