/// Rows of comma- or semicolon-separated values (RFC 4180), with the line that each begins on.
struct CSVTable {
    struct Row {
        /// Counted from 1.
        var line: Int
        var fields: [String]
    }

    private(set) var rows: [Row] = []
    private let delimiter: UInt8

    /// Throws `Failure` where a quote is not closed or stands in the middle of a field.
    init(_ text: String) throws {
        let bytes = Array(text.utf8)
        delimiter = Self.delimiter(of: bytes)
        var scanner = Scanner(bytes: bytes, delimiter: delimiter)
        while let row = try scanner.nextRow() {
            // A line with nothing on it is no row.
            if row.fields.contains(where: { !$0.isEmpty }) { rows.append(row) }
        }
    }

    /// What separates the names of the first line, quotes apart: the more frequent of `,` and `;`.
    private static func delimiter(of bytes: [UInt8]) -> UInt8 {
        var (commas, semicolons, isQuoted) = (0, 0, false)
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: ",") where !isQuoted: commas += 1
            case UInt8(ascii: ";") where !isQuoted: semicolons += 1
            case UInt8(ascii: "\n") where !isQuoted, UInt8(ascii: "\r") where !isQuoted:
                if commas + semicolons > 0 { return semicolons > commas ? UInt8(ascii: ";") : UInt8(ascii: ",") }
            default: break
            }
        }
        return semicolons > commas ? UInt8(ascii: ";") : UInt8(ascii: ",")
    }

    /// A place in the file that is not CSV.
    struct Failure: Error {
        var line: Int
        var column: Int
        var text: String
    }

    private struct Scanner {
        let bytes: [UInt8]
        let delimiter: UInt8
        var index = 0
        var line = 1

        mutating func nextRow() throws -> Row? {
            guard index < bytes.count else { return nil }
            var row = Row(line: line, fields: [])
            while true {
                row.fields.append(try nextField(column: row.fields.count + 1))
                guard index < bytes.count else { return row }
                if bytes[index] == delimiter {
                    index += 1
                    if index == bytes.count {
                        row.fields.append("")
                        return row
                    }
                } else {
                    takeLineEnd()
                    return row
                }
            }
        }

        private mutating func takeLineEnd() {
            if bytes[index] == UInt8(ascii: "\r"), index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "\n") {
                index += 1
            }
            index += 1
            line += 1
        }

        private func isEnd(_ byte: UInt8) -> Bool {
            byte == delimiter || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
        }

        private mutating func nextField(column: Int) throws -> String {
            while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
            guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else {
                let start = index
                while index < bytes.count, !isEnd(bytes[index]) { index += 1 }
                return Self.trimmed(bytes[start..<index])
            }
            return try quotedField(column: column)
        }

        private mutating func quotedField(column: Int) throws -> String {
            let firstLine = line
            var field: [UInt8] = []
            index += 1
            while index < bytes.count {
                let byte = bytes[index]
                index += 1
                if byte == UInt8(ascii: "\n") { line += 1 }
                guard byte == UInt8(ascii: "\"") else {
                    field.append(byte)
                    continue
                }
                if index < bytes.count, bytes[index] == UInt8(ascii: "\"") {
                    field.append(byte)
                    index += 1
                    continue
                }
                while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
                guard index == bytes.count || isEnd(bytes[index]) else {
                    throw Failure(
                        line: line, column: column,
                        text: "something follows the closing quote; double a quote that belongs to the text")
                }
                return Self.trimmed(field[...])
            }
            throw Failure(
                line: firstLine, column: column,
                text: "a quote is opened and never closed; close it, or double it where it belongs to the text")
        }

        private static func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
            var slice = bytes
            while let last = slice.last, last == 0x20 || last == 0x09 { slice.removeLast() }
            while let first = slice.first, first == 0x20 || first == 0x09 { slice.removeFirst() }
            return String(decoding: slice, as: UTF8.self)
        }
    }
}
