"""Weather to potential power: sun, PV, wind, fleets fitted to what was measured, curtailment after the fact."""
