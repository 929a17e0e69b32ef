import IMAPProtocol

extension Personality.Kind {
    /// Why a server of this kind makes no such folder; nil where nothing is known against it.
    ///
    /// Zimbra: imap-targets §1.5 (characters, lengths, dots) and §1.2 (what lies under other views is no place for mail).
    func objection(toMaking folder: MailboxName) -> String? {
        guard self == .zimbra else { return nil }
        let parts = folder.text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let words = "the folder \(folder.text) is not there, and Zimbra makes none"
        if let first = parts.first?.lowercased(), Self.otherViews.contains(first) {
            return "\(words) under \(parts[0]), which is not for mail: name another in the roster"
        }
        if parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }) {
            return "\(words) with an empty name or only dots between its slashes: mend the roster's row"
        }
        if folder.text.contains(where: { Self.forbidden.contains($0) }) {
            return "\(words) with a colon, a double quote or a control character: mend the roster's row"
        }
        if parts.contains(where: { $0.utf16.count > Self.longestPart }) {
            return "\(words) with a name of over \(Self.longestPart) characters: mend the roster's row"
        }
        return nil
    }

    private static let otherViews: Set<String> = ["contacts", "calendar", "notebook"]
    private static let forbidden: Set<Character> = [":", "\"", "\t", "\r", "\n"]
    private static let longestPart = 255
}
