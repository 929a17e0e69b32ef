import MailModel

extension ValueSyntax where Value == String {
    static let domain = text(
        "domain",
        remedy:
            "write a name such as \"example.com\", an international one in its xn-- form",
        DomainName.normalized)

    /// An absolute path, since the working directory of a service is not that of a shell.
    static let path = text("path", remedy: "write an absolute path, such as \"/var/lib/layover\"") { text in
        text.hasPrefix("/") ? text : nil
    }

    static let host = text(
        "host name or address",
        remedy: "write a name or an IP address without brackets and port, such as \"imap.example.com\"",
        HostName.normalized)

    /// A login, a separator: any text that holds something.
    static let text = text("text", remedy: "write text in double quotes") { text in
        text.isEmpty || text.unicodeScalars.contains { $0.properties.generalCategory == .control } ? nil : text
    }
}

extension ValueSyntax where Value == Int {
    static func number(_ range: ClosedRange<Int>) -> ValueSyntax<Int> {
        ValueSyntax(type: "number") { node throws(ValueMistake) in
            guard case .integer(let number) = node else {
                throw ValueMistake(
                    "\(node.shown) is not a whole number",
                    remedy: "write a number from \(range.lowerBound) to \(range.upperBound), without quotes")
            }
            guard range.contains(number) else {
                throw ValueMistake(
                    "\(number) is out of range",
                    remedy: "write a number from \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
    }
}

extension ValueSyntax where Value == ByteCount {
    /// A size as text with a unit, or a plain number of bytes.
    static func size(_ range: ClosedRange<ByteCount>) -> ValueSyntax<ByteCount> {
        ValueSyntax(type: "size") { node throws(ValueMistake) in
            let size: ByteCount? =
                switch node {
                case .string(let text): ByteCount(text)
                case .integer(let number): ByteCount(number)
                default: nil
                }
            guard let size else {
                throw ValueMistake(
                    "\(node.shown) is not a size",
                    remedy: "write a whole number with B, KiB, MiB or GiB, such as \"25 MiB\"")
            }
            guard range.contains(size) else {
                throw ValueMistake(
                    "\(node.shown) is out of range",
                    remedy: "write a size from \(range.lowerBound) to \(range.upperBound)")
            }
            return size
        }
    }
}

extension ValueSyntax where Value == Duration {
    static func duration(_ range: ClosedRange<Duration>) -> ValueSyntax<Duration> {
        text("duration", remedy: "write a whole number with ms, s, min, h, days or weeks, such as \"200 s\"") { text in
            DurationText(text)?.duration
        }
        .limited { duration in
            guard !range.contains(duration) else { return nil }
            return ValueMistake(
                "\"\(DurationText(duration))\" is out of range",
                remedy: "write one from \"\(DurationText(range.lowerBound))\" to \"\(DurationText(range.upperBound))\""
            )
        }
    }
}

extension ValueSyntax where Value == FreeSpaceFloor {
    static let freeSpace = text(
        "share of the disk or size",
        remedy:
            "write a percentage from 1% to 90%, or a size above 0 in B, KiB, MiB or GiB, such as \"5%\" or \"10 GiB\"",
        FreeSpaceFloor.init)
}

extension ValueSyntax where Value == ListenAddress {
    static let listenAddress = text(
        "listen address", remedy: "write IP:PORT, an IPv6 address in brackets, such as \"0.0.0.0:25\" or \"[::]:25\"",
        ListenAddress.init)
}

extension ValueSyntax where Value: RawRepresentable<String> & CaseIterable {
    /// One word out of the few that the type knows.
    static var choice: ValueSyntax<Value> {
        let words = Value.allCases.map(\.rawValue)
        let spelledOut = words.map { "\"\($0)\"" }.joined(separator: ", ")
        return ValueSyntax(type: words.joined(separator: " | ")) { node throws(ValueMistake) in
            if case .string(let text) = node, let value = Value(rawValue: text) { return value }
            throw ValueMistake("\(node.shown) is not one of the choices", remedy: "write one of \(spelledOut)")
        }
    }
}
