"""dotloop: profiles, loops with their details, participants, contacts."""
