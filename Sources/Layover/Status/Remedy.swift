/// What a person does about mail that cannot go: one sentence for each class.
enum Remedy {
    /// For a message that is parked.
    static func forMessage(_ errorClass: String) -> String {
        switch errorClass {
        case "too-big": "raise the size limit of the mailbox or of its server"
        case "breaks-connection": "look into the server's log: its connection breaks at this message"
        case "server-bug": "look into the server's log: it fails at this message"
        case "damaged": "the spool's bytes have changed: restore that segment from a backup, `layover fsck`"
        default:
            "read the server's words and its log, mend what they name, or give the message out by `layover export --id`"
        }
    }

    /// For a mailbox that can take nothing now.
    static func forMailbox(_ errorClass: String) -> String {
        switch errorClass {
        case "over-quota": "give the mailbox more quota, or have it tidied up"
        case "not-tried":
            "mend what the mailboxes with `credentials` name: further logins could lock the account that all use"
        case "maintenance": "nothing, it is tried again within minutes; or end the account's maintenance"
        case "no-access": "let the account use IMAP (Zimbra: zimbraImapEnabled, zimbraPrefImapEnabled)"
        case "other-server": "put the proxy, or the server that it names, into `host`"
        case "credentials": "mend the user, the password file, or the right to act for the mailbox"
        case "untrusted": "mend the target's certificate, its name in `host`, or `ca_file`"
        case "certificate": "renew the target's certificate"
        case "own-certificate": "renew the certificate of receive.tls"
        case "disk": "make room; `layover reserve release` lets mail be taken at once"
        case "foreign-domain": "mend these rows of the roster, or add their domains to receive.domains"
        case "too-big": "raise the size limit of the mailbox or of its server, or export the message"
        case "unavailable": "see that the target runs, can be reached, and takes connections"
        case "no-mailbox": "make the account or its folder on the target, or mend the roster's row"
        case "no-permission": "give the account that logs in the right to insert messages"
        case "contact-admin": "the server asks for its administrator: read its words and its log"
        case "not-shown":
            "copies may be there already: see whether the server shows them by now, and what its filters do; a retry looks first, and then sends once more"
        case "no-target": "add the target to the configuration, or mend the roster's row"
        case "spool": "see that descriptors and memory are not short"
        default: "read the server's words and its log"
        }
    }

    /// Classes that are the target's affair where they meet several of its mailboxes.
    static let targetWide: Set<String> = ["unavailable", "credentials", "not-tried", "no-target", "spool"]
}
