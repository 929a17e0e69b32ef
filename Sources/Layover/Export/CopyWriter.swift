import Spool

/// Writes copies of messages in one form, one folder after the other.
protocol CopyWriter {
    /// What follows goes into this folder.
    mutating func begin(folder address: String, _ report: inout ExportReport) throws

    /// Writes one copy. Returns the file that holds it, relative to the export's directory.
    ///
    /// - Parameter recipient: whom the copy is for; nil in a form that has no folders.
    /// - Throws: `SpoolError` where the message cannot be read as it was accepted: nothing of it is then left in the folder.
    mutating func write(_ message: ExportedMessage, for recipient: String?, _ report: inout ExportReport) throws
        -> String

    /// When this returns, the folder's bytes and names are on stable storage.
    mutating func end(_ report: inout ExportReport) throws
}

/// The forms that mail can be exported in.
enum ExportForm: String, CaseIterable {
    case eml, mbox, maildir

    /// A file of the first is the message itself; of the others it is a copy for one mailbox.
    var hasFolders: Bool { self != .eml }

    func writer(_ directory: ExportDirectory, _ reader: SpoolReader) -> any CopyWriter {
        switch self {
        case .eml: EMLWriter(directory: directory, reader: reader)
        case .mbox: MboxWriter(directory: directory, reader: reader)
        case .maildir: MaildirWriter(directory: directory, reader: reader)
        }
    }
}
