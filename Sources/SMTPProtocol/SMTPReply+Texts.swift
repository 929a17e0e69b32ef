public import MailModel

// Every reply that this server gives. Two rules: what is our fault is 4xx, never 5xx, so that no mail is lost by it; and
// a person who finds the text in a log or a bounce learns what to do.

// MARK: The session

extension SMTPReply {
    static func banner(hostname: String) -> SMTPReply { SMTPReply(220, nil, "\(hostname) ESMTP Layover") }

    static func helo(hostname: String) -> SMTPReply { SMTPReply(250, nil, hostname) }

    static func ehlo(hostname: String, extensions: [String]) -> SMTPReply { SMTPReply(250, nil, hostname, extensions) }

    public static let ok = SMTPReply(250, .init(2, 0, 0), "Ok")
    public static let senderOK = SMTPReply(250, .init(2, 1, 0), "Sender ok")
    public static let recipientOK = SMTPReply(250, .init(2, 1, 5), "Recipient ok")
    public static let cannotVerify = SMTPReply(
        252, .init(2, 0, 0), "Addresses are not told here; send the message and the RCPT command will answer")
    public static let help = SMTPReply(
        214, .init(2, 0, 0), "EHLO HELO MAIL RCPT DATA BDAT RSET NOOP VRFY QUIT; see RFC 5321, or ask the postmaster")
    public static let helpWithSTARTTLS = SMTPReply(
        214, .init(2, 0, 0),
        "EHLO HELO STARTTLS MAIL RCPT DATA BDAT RSET NOOP VRFY QUIT; see RFC 5321, or ask the postmaster")
    public static let goodbye = SMTPReply(221, .init(2, 0, 0), "Goodbye")
    public static let startTLS = SMTPReply(220, .init(2, 0, 0), "Ready to start TLS")
    public static let startMessage = SMTPReply(354, nil, "Send the message, end it with <CR><LF>.<CR><LF>")

    public static let chunkReceived = SMTPReply(250, .init(2, 0, 0), "Chunk received")

    /// The promise: the message with this id is on stable storage. The id is the last word.
    public static func accepted(_ id: MessageID) -> SMTPReply {
        SMTPReply(250, .init(2, 0, 0), "Ok: queued as \(id)")
    }
}

// MARK: The session's end

extension SMTPReply {
    public static let overloaded = SMTPReply(
        421, .init(4, 3, 2), "This server is busy; your mail is welcome, try again in a few minutes")
    public static let tooManyConnections = SMTPReply(
        421, .init(4, 7, 0), "Too many connections from your address; close some, or try again later")
    static func listed(by zone: String) -> SMTPReply {
        SMTPReply(
            554, .init(5, 7, 1),
            "Your address is on the blocklist \(zone); have it taken off there, or write to our postmaster")
    }
    public static let storeUnavailable = SMTPReply(
        421, .init(4, 3, 2), "This server cannot store mail at the moment; try again later")
    public static let shuttingDown = SMTPReply(
        421, .init(4, 3, 2), "This server is going down for a moment; connect again and resend what has no answer")
    public static let timedOut = SMTPReply(
        421, .init(4, 4, 2), "Nothing, or too little, came from you for too long; connect again and resend")
    public static let tooManyErrors = SMTPReply(
        421, .init(4, 7, 0), "Too many errors in this session; look at the earlier replies before trying again")
    public static let tooManyCommands = SMTPReply(
        421, .init(4, 7, 0), "Too many commands without a message; connect again when there is one")
    public static let tooManyMessages = SMTPReply(
        421, .init(4, 7, 0), "Enough messages for one session; connect again and send the others")
    public static let tooManyChunks = SMTPReply(
        421, .init(4, 7, 0), "Too many small chunks in one message; send it in larger ones, or with DATA")
    public static let outOfStep = SMTPReply(
        421, .init(4, 3, 0), "This server lost its place in the dialogue; connect again and resend what has no answer")
    public static let improperPipelining = SMTPReply(
        554, .init(5, 5, 0), "You sent input before the reply that you must wait for; pipeline as RFC 2920 says")
    public static let notMail = SMTPReply(
        221, .init(2, 7, 0), "This is a mail server and your client does not speak SMTP; goodbye")
    public static let tlsOnPlainPort = SMTPReply(
        500, .init(5, 5, 2), "This port begins in clear text; use STARTTLS instead of TLS from the start")
}

// MARK: Commands that cannot be carried out

extension SMTPReply {
    public static let unknownCommand = SMTPReply(
        500, .init(5, 5, 2), "Command not recognized; HELP lists what this server knows")
    public static let notImplemented = SMTPReply(
        502, .init(5, 5, 1), "Command not offered here; use only what EHLO lists")
    public static let helloFirst = SMTPReply(503, .init(5, 5, 1), "Send EHLO or HELO first")
    public static let extendedHelloFirst = SMTPReply(503, .init(5, 5, 1), "Send EHLO, not HELO, before BDAT")
    public static let nestedMail = SMTPReply(
        503, .init(5, 5, 1), "A sender was given already; send RSET to begin another message")
    public static let mailFirst = SMTPReply(503, .init(5, 5, 1), "Send MAIL FROM first")
    public static let recipientFirst = SMTPReply(503, .init(5, 5, 1), "Send RCPT TO first")
    public static let noValidRecipients = SMTPReply(
        554, .init(5, 5, 1), "No recipient was accepted; look at the replies to RCPT TO")
    public static let chunksBegun = SMTPReply(
        503, .init(5, 5, 1), "The message was begun with BDAT; end it with BDAT LAST, or send RSET")
    public static let tlsIsOn = SMTPReply(503, .init(5, 5, 1), "TLS is on already")
    public static let startTLSInTransaction = SMTPReply(
        503, .init(5, 5, 1), "STARTTLS cannot come between MAIL and DATA; send RSET first")
    public static let tlsUnavailable = SMTPReply(
        454, .init(4, 7, 0), "TLS is not available at the moment; try again later or go on without it")

    /// The reply to a line that is no command.
    static func syntaxError(_ error: SMTPSyntaxError) -> SMTPReply {
        switch error {
        case .lineTooLong, .endlessLine: lineTooLong
        case .nulOctet: SMTPReply(501, .init(5, 5, 4), "A command must not hold NUL characters")
        case .controlCharacter: SMTPReply(501, .init(5, 5, 4), "A command must not hold control characters")
        case .notASCII: SMTPReply(501, .init(5, 5, 2), "A command must be ASCII text")
        case .needsSMTPUTF8: needsSMTPUTF8
        case .heloName: SMTPReply(501, .init(5, 5, 4), "Give your host's name, as in EHLO mail.example.com")
        case .argument: SMTPReply(501, .init(5, 5, 4), "An argument is missing, or one too many")
        case .sender: SMTPReply(501, .init(5, 1, 7), "Bad sender address; write MAIL FROM:<user@example.com>")
        case .recipient: SMTPReply(501, .init(5, 1, 3), "Bad recipient address; write RCPT TO:<user@example.com>")
        case .relayPath: relayDenied
        case .chunk:
            SMTPReply(
                501, .init(5, 5, 4), "Bad chunk; write BDAT, its size in octets below 2^31, and LAST for the last one")
        case .parameterValue: SMTPReply(501, .init(5, 5, 4), "A parameter has a value that it cannot have")
        case .duplicateParameter: SMTPReply(501, .init(5, 5, 4), "A parameter was given twice")
        case .bareLineFeed:
            SMTPReply(550, .init(5, 5, 2), "A command ended with a bare <LF>; end every line with <CR><LF>")
        case .unsupportedParameter, .recipientParameter:
            SMTPReply(555, .init(5, 5, 4), "A parameter is not supported; use only what EHLO lists")
        }
    }

    static let needsSMTPUTF8 = SMTPReply(
        553, .init(5, 6, 7),
        "An address in UTF-8 needs SMTPUTF8, in MAIL FROM or behind VRFY; add it, or use the ASCII form")
    private static let lineTooLong = SMTPReply(
        500, .init(5, 5, 2), "Command line too long; shorten it and send it again")
}

// MARK: Envelope and message

extension SMTPReply {
    public static let insufficientStorage = SMTPReply(
        452, .init(4, 3, 1), "Not enough storage on this server at the moment; try again later")
    public static let storageError = SMTPReply(
        451, .init(4, 3, 0), "This server could not store the message; nothing was kept, try again later")
    public static let messageTooLarge = SMTPReply(
        552, .init(5, 3, 4), "The message is larger than this server takes; EHLO tells the limit as SIZE")

    public static let tooManyRecipients = SMTPReply(
        452, .init(4, 5, 3), "Too many recipients for one message; send it again to the others")
    public static let relayDenied = SMTPReply(
        550, .init(5, 7, 1), "This server takes mail for its own domains only; send to the recipient's own server")
    public static let unknownRecipient = SMTPReply(
        550, .init(5, 1, 1), "There is no such mailbox here; check the address for a mistake")
    public static let unknownRecipientForNow = SMTPReply(
        450, .init(4, 1, 1), "This mailbox is not known here yet; try again later")
    public static let disabledRecipient = SMTPReply(
        550, .init(5, 2, 1), "This mailbox takes no mail; reach the recipient by other means")
    public static let directoryUnavailable = SMTPReply(
        451, .init(4, 4, 3), "The list of mailboxes cannot be read at the moment; try again later")

    public static let bareNewline = SMTPReply(
        550, .init(5, 5, 2), "The message holds a bare <CR> or <LF>; the sending program must end lines with <CR><LF>")
    public static let nulInMessage = SMTPReply(
        554, .init(5, 6, 0), "The message holds a NUL octet, which mail cannot carry; encode it as base64")
    public static let headersTooLong = SMTPReply(
        554, .init(5, 6, 0), "The message's header is longer than this server takes; shorten it")
    public static let messageLineTooLong = SMTPReply(
        554, .init(5, 6, 0), "The message has a line longer than this server takes; encode it as quoted-printable")
    public static let loop = SMTPReply(
        554, .init(5, 4, 6), "The message has been here before or on too many servers; a forwarding rule makes a loop")
}
