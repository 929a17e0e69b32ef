import Logging
import MailModel

/// Writes one line a log message, as text or JSON: time, level, the constant message, then the metadata.
///
///     2026-11-21T10:00:00.123Z notice message accepted client=192.0.2.1 from=a@b.example id=01jd5y0c8q3v6h2k9m4n7p1r5s
struct LineLogHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    private let isJSON: Bool
    private let sink: LogSink

    init(level: Logger.Level, isJSON: Bool, sink: LogSink = .standardError) {
        logLevel = level
        self.isJSON = isJSON
        self.sink = sink
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = event.metadata ?? [:]
        if !metadata.isEmpty { fields.merge(metadata) { own, _ in own } }
        let pairs = fields.sorted { $0.key < $1.key }
        var line = LogLine()
        if isJSON {
            line.json(level: event.level, message: event.message.description, pairs: pairs)
        } else {
            line.text(level: event.level, message: event.message.description, pairs: pairs)
        }
        sink.append(line.bytes)
    }
}

/// One line being built. What strangers say never breaks it: control characters are escaped.
private struct LogLine {
    private(set) var bytes: [UInt8] = []
    private let space = UInt8(ascii: " ")

    mutating func text(level: Logger.Level, message: String, pairs: [(key: String, value: Logger.MetadataValue)]) {
        bytes.reserveCapacity(320)
        bytes += Timestamp.now().rfc3339.utf8
        bytes.append(space)
        bytes += level.rawValue.utf8
        bytes.append(space)
        bytes += message.utf8
        for (key, value) in pairs {
            bytes.append(space)
            bytes += key.utf8
            bytes.append(UInt8(ascii: "="))
            let word = value.description
            if word.utf8.contains(where: { $0 <= 0x20 || $0 == 0x22 || $0 >= 0x7F }) || word.isEmpty {
                quoted(word)
            } else {
                bytes += word.utf8
            }
        }
        bytes.append(0x0A)
    }

    mutating func json(level: Logger.Level, message: String, pairs: [(key: String, value: Logger.MetadataValue)]) {
        bytes += "{\"time\":\"\(Timestamp.now().rfc3339)\",\"level\":\"\(level)\",\"message\":".utf8
        quoted(message)
        for (key, value) in pairs {
            bytes.append(UInt8(ascii: ","))
            quoted(key)
            bytes.append(UInt8(ascii: ":"))
            quoted(value.description)
        }
        bytes += "}\n".utf8
    }

    /// A JSON string: controls, the two that JSON escapes, and bidirectional overrides as `\uXXXX`.
    private mutating func quoted(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x22, 0x5C: bytes += [UInt8(ascii: "\\"), UInt8(scalar.value)]
            case 0..<0x20, 0x7F...0x9F, 0x061C, 0x200B...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF:
                let digits = String(scalar.value, radix: 16)
                bytes += ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8
            default: bytes += String(scalar).utf8
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
