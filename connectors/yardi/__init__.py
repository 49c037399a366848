"""Yardi Voyager over SOAP: properties, units, residents, lease charges, available units, guest activity."""
