"""One exchange, from draft to active: commands -> decide -> events -> evolve, all pure (article 7 of the convention)."""
