"""Every endpoint has a path to every other endpoint of its plane."""

from __future__ import annotations

from topo.checks import questions
from topo.checks.bounded import Answer, bounded
from topo.checks.labels import listed, port_labels
from topo.checks.model import Context, Finding, Outcome, RequirementKind, RequirementParams
from topo.checks.registries import requirement_kinds
from topo.units import amount, verb


def _judge(context: Context, params: RequirementParams) -> Outcome:
    asked = questions.Connected(params.network)
    lost, proof = context.ask(asked), context.ask(asked.proof())
    value = float(len(lost))

    def worst() -> tuple[Finding, ...]:
        where = port_labels(context.fabric, context.fabric.endpoints.port[lost])
        message = (
            f"{amount(len(lost), 'endpoint')} of the {params.network} network {verb(len(lost), 'are')} cut "
            f"off: {listed(where, len(lost))}"
        )
        return (Finding("connected", "error", message, where),)

    statement = f"Every endpoint of the {params.network} network has a path to every other endpoint of its plane"
    return bounded(statement, "endpoints cut off", 0, lambda: Answer(value, value, proof, worst), by_certificate=True)


requirement_kinds.add("connected", RequirementKind("all endpoints connected", RequirementParams, _judge))
