"""A page, its blocks, and what each of them must show; nothing here is started."""
