import MailModel

/// What an import has done, or would do.
struct ImportReport {
    var messages = 0
    var recipients = 0
    var bytes = 0
    /// Messages whose id this spool has already.
    var known = 0
    /// Messages that nobody waits for any more.
    var settled = 0
    /// Recipients of imported messages that have the message already there.
    var served = 0
    /// Messages left out because only the other spool's replay can tell whether they are in a mailbox.
    var doubtful: [String] = []
    /// Messages that are not as they were accepted, and were left out.
    var damaged: [String] = []

    /// Files that look like messages and that no line of the manifest names; they were left out.
    var unnamed: [String] = []

    /// Mailboxes that get mail which may be in them already, by their ids: nothing is delivered there before they were looked into.
    var shut: Set<String> = []

    /// Messages looked at.
    var seen: Int { messages + known + settled + doubtful.count + damaged.count }

    func summary(isDryRun: Bool) -> String {
        "\(messages) messages (\(ByteCount(bytes))) for \(recipients) recipients \(isDryRun ? "would be imported; nothing was done" : "imported, held here now")\n"
            + "\(known) were here already, \(settled) are settled there, \(served) further recipients have theirs; "
            + "\(doubtful.count) doubtful and \(damaged.count) damaged messages left out\n"
            + "the roster, cutovers and other acts are not imported: import the roster file here\n"
            + (isDryRun && !shut.isEmpty
                ? "\(shut.count) mailboxes would be shut until `layover replay --reconcile`: mail from before this spool was restored comes to them\n"
                : "")
    }
}
