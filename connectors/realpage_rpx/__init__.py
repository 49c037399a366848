"""RealPage Exchange (RPX), the SOAP gateway: sites, buildings, units, residents, leases, rentable items."""
