"""Plain pages for who follows a link of ours: no script, no cookie, no address of anybody else."""
