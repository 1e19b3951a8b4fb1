"""One exchange, from draft to active: commands -> decide -> events -> evolve, all pure (convention, article 7)."""
