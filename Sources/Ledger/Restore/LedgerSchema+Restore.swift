/// The tables that tell whether the spool still is the one that was read, and which mailboxes must be looked into.
///
/// - `spool_mark` holds what no other spool has at the places that were read last, and when a spool was last brought back
///   (0: never).
/// - `unreconciled` holds the mailboxes into which nothing goes before they were looked into: since when the spool is known to be
///   brought back, and when a change of the roster, or an import, has made it necessary (0: it was the restore itself).
extension LedgerSchema {
    static let restoreTables = """
        CREATE TABLE spool_mark (
            id INTEGER PRIMARY KEY CHECK (id = 1), act_file INTEGER NOT NULL, act_offset INTEGER NOT NULL,
            act_chain INTEGER NOT NULL, segment INTEGER NOT NULL, segment_nonce INTEGER NOT NULL,
            restored_at INTEGER NOT NULL);
        INSERT INTO spool_mark VALUES (1, 0, 0, 0, 0, 0, 0);
        CREATE TABLE unreconciled (
            mailbox INTEGER PRIMARY KEY, since INTEGER NOT NULL, changed_at INTEGER NOT NULL);

        """
}
