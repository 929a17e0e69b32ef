import Testing

/// Everything that starts Cyrus, Courier and the kinds of Dovecot: one after the other, since each of them takes a machine's worth of
/// processes, and all at once would take the time of every other test.
@Suite(.serialized)
struct RealServerTests {}
