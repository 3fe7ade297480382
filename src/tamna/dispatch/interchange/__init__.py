"""PyPSA networks in and out: `outward.to_pypsa`, `inward.from_pypsa`, and files of both (`case`)."""
