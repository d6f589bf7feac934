"""`make audit`: what the locked dependencies are worth: hashes, licences, and, where asked, known weaknesses."""
