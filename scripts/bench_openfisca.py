"""The same appliance rule in OpenFisca, timed. Run by an interpreter that has openfisca-core.

    PYTHON scripts/bench_openfisca.py        prints microseconds for one decision, as JSON

Two ways: a simulation that is there already (new inputs, one calculation), and one that is
built for every question, as a web API does.
"""

import json
import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy
from openfisca_core.entities import Entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulation_builder import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

PARAMETERS = {
    "rate": "description: rate at rating 1\nvalues:\n  2026-01-01:\n    value: 0.15\n",
    "cap": "description: cap in yuan\nvalues:\n  2026-01-01:\n    value: 1500\n",
}
PERIOD = "2026-11"
ROUNDS, TIMES = 7, 300

Person = Entity("person", "persons", "Person", "")


class price(Variable):
    value_type = float
    entity = Person
    definition_period = DateUnit.MONTH
    label = "final price"


class rating(Variable):
    value_type = int
    entity = Person
    definition_period = DateUnit.MONTH
    label = "energy rating"


class subsidy(Variable):
    value_type = float
    entity = Person
    definition_period = DateUnit.MONTH
    label = "subsidy"

    def formula(person, period, parameters):
        found = parameters(period).appliance
        share = numpy.minimum(person("price", period) * found.rate, found.cap)
        return share * (person("rating", period) == 1)


def system() -> TaxBenefitSystem:
    """Build the system with its parameters from files, as OpenFisca has them."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch) / "appliance"
        folder.mkdir()
        for name, text in PARAMETERS.items():
            (folder / f"{name}.yaml").write_text(text, "utf-8")
        found = TaxBenefitSystem([Person])
        found.load_parameters(scratch)
    found.add_variables(price, rating, subsidy)
    return found


def main() -> None:
    tbs = system()
    case = {"persons": {"anna": {"price": {PERIOD: 5999}, "rating": {PERIOD: 1}}}}
    kept = SimulationBuilder().build_from_dict(tbs, case)

    def reused() -> float:
        kept.delete_arrays("subsidy")
        kept.set_input("price", PERIOD, numpy.array([5999.0]))
        kept.set_input("rating", PERIOD, numpy.array([1]))
        return float(kept.calculate("subsidy", PERIOD)[0])

    def built() -> float:
        return float(SimulationBuilder().build_from_dict(tbs, case).calculate("subsidy", PERIOD)[0])

    assert round(reused(), 2) == round(built(), 2) == 899.85
    print(json.dumps({"kept": timed(reused), "built": timed(built)}))


def timed(work) -> float:
    spans = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        for _ in range(TIMES):
            work()
        spans.append((time.perf_counter() - begun) / TIMES * 1e6)
    return round(statistics.median(spans), 2)


if __name__ == "__main__":
    main()
