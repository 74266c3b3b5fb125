"""Operations: where every case stands on its way through the system, and what holds it up."""
