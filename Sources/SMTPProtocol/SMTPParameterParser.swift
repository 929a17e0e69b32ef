import MailModel

/// The `keyword=value` pairs behind the path of MAIL and RCPT (RFC 5321 §4.1.2, esmtp-param).
enum SMTPParameterParser {
    /// A parameter's keyword in upper case and its value, empty where there is no `=`.
    private struct Parameter {
        var keyword: Slice<UnsafeRawBufferPointer>
        var value: Slice<UnsafeRawBufferPointer>?

        func isNamed(_ name: StaticString) -> Bool {
            keyword.count == name.utf8CodeUnitCount
                && keyword.enumerated().allSatisfy { SMTPParameterParser.upper($1) == name.utf8Start[$0] }
        }
    }

    fileprivate static func upper(_ byte: UInt8) -> UInt8 { (0x61...0x7A).contains(byte) ? byte & 0xDF : byte }

    static func mailParameters(_ scanner: inout SMTPArgumentScanner) throws(SMTPSyntaxError) -> MailParameters {
        var parameters = MailParameters()
        while let parameter = try next(&scanner) {
            if parameter.isNamed("SIZE") {
                guard parameters.declaredSize == nil else { throw .duplicateParameter }
                parameters.declaredSize = try size(parameter.value)
            } else if parameter.isNamed("BODY") {
                guard parameters.body == nil else { throw .duplicateParameter }
                parameters.body = try body(parameter.value)
            } else if parameter.isNamed("SMTPUTF8") {
                guard !parameters.isSMTPUTF8 else { throw .duplicateParameter }
                guard parameter.value == nil else { throw .parameterValue }
                parameters.isSMTPUTF8 = true
            } else {
                throw .unsupportedParameter
            }
        }
        return parameters
    }

    /// No parameter of RCPT is offered.
    static func rcptParameters(_ scanner: inout SMTPArgumentScanner) throws(SMTPSyntaxError) {
        if try next(&scanner) != nil { throw .recipientParameter }
    }

    private static func next(_ scanner: inout SMTPArgumentScanner) throws(SMTPSyntaxError) -> Parameter? {
        scanner.skipSpaces()
        guard !scanner.isAtEnd else { return nil }
        let word = scanner.word()
        guard let equals = word.firstIndex(of: UInt8(ascii: "=")) else {
            return Parameter(keyword: try keyword(word), value: nil)
        }
        // What may stand in the value is for its keyword to say: one that is not known is told so, whatever its value.
        return Parameter(keyword: try keyword(word[..<equals]), value: word[word.index(after: equals)...])
    }

    private static func keyword(
        _ word: Slice<UnsafeRawBufferPointer>
    ) throws(SMTPSyntaxError) -> Slice<UnsafeRawBufferPointer> {
        guard let first = word.first, first != UInt8(ascii: "-"),
            word.allSatisfy({ SMTPPathParser.isLetterOrDigit($0) || $0 == UInt8(ascii: "-") })
        else { throw .parameterValue }
        return word
    }

    /// 1 to 20 digits (RFC 1870 §3); what does not fit an `Int` is larger than any limit.
    private static func size(_ value: Slice<UnsafeRawBufferPointer>?) throws(SMTPSyntaxError) -> Int {
        guard let value, (1...20).contains(value.count) else { throw .parameterValue }
        var size = 0
        for byte in value {
            guard (0x30...0x39).contains(byte) else { throw .parameterValue }
            let (product, isTooLarge) = size.multipliedReportingOverflow(by: 10)
            let (sum, isStillTooLarge) = product.addingReportingOverflow(Int(byte - 0x30))
            size = isTooLarge || isStillTooLarge ? .max : sum
        }
        return size
    }

    private static func body(_ value: Slice<UnsafeRawBufferPointer>?) throws(SMTPSyntaxError) -> MailBodyKind {
        guard let value, !value.isEmpty else { throw .parameterValue }
        let text = String(decoding: value, as: UTF8.self).uppercased()
        switch text {
        case "7BIT": return .sevenBit
        case "8BITMIME": return .eightBitMIME
        default: throw .unsupportedParameter
        }
    }
}
