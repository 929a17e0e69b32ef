import MailModel
import Spool

/// The name of a mailbox's file or directory: safe on every file system, whatever stands in the address, and another one for
/// every other address.
///
///     anna@example.com          anna@example.com
///     "../x y"@example.com      %22.%2e%2fx%20y%22@example.com
enum FolderName {
    /// Leaves room for an ending within the 255 bytes that file systems give a name.
    private static let longest = 180
    private static let kept = Set("abcdefghijklmnopqrstuvwxyz0123456789@_+-=".utf8)

    /// - Parameter address: in lower case, so that two names never differ in case alone.
    static func of(_ address: String) -> String {
        var name: [UInt8] = []
        for byte in address.lowercased().utf8 {
            // A dot is kept between other characters only: not first, not doubled, so that there is no `..` and nothing hidden.
            let isInnerDot = byte == UInt8(ascii: ".") && !name.isEmpty && name.last != UInt8(ascii: ".")
            if kept.contains(byte) || isInnerDot {
                name.append(byte)
            } else {
                name += "%".utf8 + hex(byte)
            }
        }
        // Some file systems drop a dot at the end.
        if name.last == UInt8(ascii: ".") { name = name.dropLast() + "%2e".utf8 }
        // Every address has an @; what has none is told from the names of the export's own files by one at its end.
        if !name.contains(UInt8(ascii: "@")) { name.append(UInt8(ascii: "@")) }
        guard name.count > longest else { return String(decoding: name, as: UTF8.self) }
        let digest = SHA256Hasher.digest(Array(address.lowercased().utf8)).hex.prefix(32)
        return String(decoding: name.prefix(longest - 33), as: UTF8.self) + "%" + digest
    }

    private static func hex(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
}
