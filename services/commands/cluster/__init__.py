"""``hemu cluster`` and what it needs: the whole topology on one machine, under supervisord."""
