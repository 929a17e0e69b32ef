/// The bounds of what the console takes and shows, each with its reason.
enum ConsoleLimits {
    /// Octets of one header field: a browser's longest to a site without cookies is some hundred.
    static let headerFieldBytes = 8 * 1024
    /// Octets of all header fields of a request.
    static let headerListBytes = 16 * 1024
    static let headerFields = 64
    /// Connections at once; more wait in the kernel's queue.
    static let connections = 128
    /// How long a connection may stay without a whole request head: also what a client gets that sends one octet at a time.
    static let idleSeconds: Int64 = 15
    /// How old a status may be that is shown: many readers cost one query a second.
    static let statusAge: Duration = .seconds(1)
    /// How long a reader waits for a status: then the disk hangs, and health must say so.
    static let statusPatience: Duration = .seconds(5)
    /// Rows of the mailbox table; a page of thousands would be read by nobody, and is sent every few seconds.
    static let mailboxRows = 200
    /// Rows of the wave table.
    static let waveRows = 200
    /// Reasons listed below the verdict.
    static let reasons = 20
    /// Unicode scalars shown of any text that others wrote, such as a server's error.
    static let textScalars = 300
    /// Seconds between two loads of the page.
    static let refreshSeconds = 5
    /// A Ledger that is further behind than this is worth a person's look, in seconds: a burst is caught up with in less.
    static let ledgerLagSeconds = 60
    /// A disk that is full sooner than this is worth a person's look.
    static let shortSeconds = 24 * 3_600
    /// Places of the spool remembered to tell how old the unread end is.
    static let lagSamples = 256
}
