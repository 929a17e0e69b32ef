/// Why a line is no command that could be carried out. Each has its reply in `SMTPReply+Texts.swift`.
public enum SMTPSyntaxError: Error, Hashable, Sendable {
    /// Longer than `SMTPLimits.commandLineOctets`; it was thrown away up to its end.
    case lineTooLong
    /// Longer than what may be thrown away: the session must close.
    case endlessLine
    /// A NUL in the line.
    case nulOctet
    /// A control character other than NUL and TAB in the line; a CR that is not part of CRLF is one.
    case controlCharacter
    /// Octets above 127 that are not UTF-8, or in a place that takes ASCII only.
    case notASCII
    /// An address in UTF-8 without SMTPUTF8 (RFC 6531 §3.5).
    case needsSMTPUTF8

    /// EHLO or HELO without a name, or with one longer than `SMTPLimits.heloOctets`.
    case heloName
    /// An argument is missing, or stands where none may.
    case argument
    /// The path of MAIL is no address and not `<>`.
    case sender
    /// The path of RCPT is no address.
    case recipient
    /// A path such as `user@there@here` or `there!user`, which asks for relaying.
    case relayPath

    /// BDAT with anything but a size of at most `SMTPLimits.chunkOctets` and perhaps LAST: the session must close.
    case chunk

    /// A parameter that is not `keyword` or `keyword=value`, or a value that its keyword cannot have.
    case parameterValue
    /// A parameter given twice.
    case duplicateParameter
    /// A parameter of an extension that is not offered.
    case unsupportedParameter
    /// The same behind the path of RCPT, which has no parameters here: the recipient is refused.
    case recipientParameter

    /// Ended by a LF without its CR, where bare newlines are refused: the session must close, as in Postfix.
    case bareLineFeed
}
