import MailModel

/// What an export has done.
struct ExportReport {
    /// Files (in mbox: mailboxes) written.
    var files = 0
    /// Files that were there already, with the same bytes.
    var filesAlreadyThere = 0
    /// Copies of messages in the files, those that were there already included.
    var copies = 0
    var bytes = 0
    /// Messages that cannot be read as they were accepted, each with the reason; they were left out.
    var damaged: [String] = []
    /// Names that other files have; those were left as they are.
    var taken: [String] = []

    mutating func count(_ publication: ExportDirectory.Publication, of path: String) {
        switch publication {
        case .written: files += 1
        case .alreadyThere: filesAlreadyThere += 1
        case .taken: taken.append(path)
        }
    }

    var summary: String {
        guard taken.isEmpty else {
            return
                "\(files) files written and \(filesAlreadyThere) that were there already; \(taken.count) names are other files', whose mail is not written, so no manifest tells of these files\n"
        }
        return
            "\(copies) copies (\(ByteCount(bytes))) in \(files) files written and \(filesAlreadyThere) that were there already; "
            + "\(damaged.count) damaged messages left out\n"
    }
}
