package store

// PutCheckpoint keeps the state of an unfinished run, in place of an earlier one.
func (s *Store) PutCheckpoint(key string, body []byte) error {
	return s.explain(put(s.db, "checkpoints", key, body))
}

// Checkpoint gives the state of an unfinished run, if there is one.
func (s *Store) Checkpoint(key string) (body []byte, ok bool, err error) {
	return s.get("checkpoint", "SELECT body, sum FROM checkpoints WHERE key = ?", key)
}

// DropCheckpoint forgets the state of an unfinished run.
func (s *Store) DropCheckpoint(key string) error { return s.explain(dropCheckpoint(s.db, key)) }

func dropCheckpoint(x execer, key string) error {
	_, err := x.Exec("DELETE FROM checkpoints WHERE key = ?", key)
	return err
}
