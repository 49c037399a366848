"""RealPage's six reports of every property: asked for, waited for, downloaded and read."""
