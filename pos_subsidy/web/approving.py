"""A manager's approval typed on the form of the action it is for; nothing of it is kept."""

from dataclasses import replace

from flask import request
from flask_login import current_user

from pos_subsidy.context import get_db, get_shop
from pos_subsidy.services import approving
from pos_subsidy.services.shop import By
from pos_subsidy.web import forms
from pos_subsidy.web.auth import actor


def approved(action: str) -> By:
    """Return who acts, with the manager who approves where the shop wants one.

    Raises:
        NotAllowed: ``approval_required``.
        NotSignedIn: ``approval_failed``.
    """
    by = actor()
    if action not in get_shop().manager_for:
        return by
    if current_user.role in approving.APPROVERS:
        return replace(by, approved_by=by.cashier)
    name = forms.field("manager_name", longest=64)
    return replace(by, approved_by=approving.approver(get_db(), name, request.form.get(forms.SECRET, "")))
