"""What may come: demand, sun, wind and price as quantiles; features, learners, calibration, scores, backtest.

::

    history      what was known when            calendar   what kind of day it is
    weather      as issued, or roughened        demand, site, price   features of a target
    network, trees, lines, analogue             learners: features to quantiles
    blend        several learners, one answer   calibration    bands that hold what they promise
    rivals       what always competes           scores     how good
    ramps        were great changes foreseen    settling, money       what it earns by the rules of the time
    backtest     issue by issue, never ahead of its time
    shelf        models as files, no pickle
"""
