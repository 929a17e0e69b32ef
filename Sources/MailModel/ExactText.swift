/// A text as a key: equal to another only octet by octet.
///
/// Strings of Swift are equal where they are canonically equivalent, `ü` and `u` with a combining diaeresis; the mailboxes `jürgen` in these
/// two spellings are two (RFC 6532 §3.1 leaves it to their server), and a stranger who writes one must not get into the other's way.
public struct ExactText: Hashable, Sendable {
    public let text: String

    public init(_ text: String) { self.text = text }

    public static func == (one: ExactText, other: ExactText) -> Bool {
        one.text.utf8.count == other.text.utf8.count && one.text.utf8.elementsEqual(other.text.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        let isHashed: Void? = text.utf8.withContiguousStorageIfAvailable {
            hasher.combine(bytes: UnsafeRawBufferPointer($0))
        }
        if isHashed == nil { for byte in text.utf8 { hasher.combine(byte) } }
    }
}
