package store

import "database/sql"

// AddLook notes that the results of a study were looked at with so many seeds, and
// returns with how many different numbers of seeds that has happened by now.
// Looking again at the same runs is no new look.
func (s *Store) AddLook(study string, seeds int) (looks int, err error) {
	err = s.within(func(tx *sql.Tx) error {
		if _, err := tx.Exec("INSERT INTO looks (study, seeds) VALUES (?, ?) ON CONFLICT DO NOTHING", study, seeds); err != nil {
			return err
		}
		return tx.QueryRow("SELECT count(*) FROM looks WHERE study = ?", study).Scan(&looks)
	})
	return looks, err
}
