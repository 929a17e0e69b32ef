import MailModel

extension TargetSection {
    static let path = ["targets", "<name>"]

    static let options = [
        hostSetting.option, portSetting.option, securitySetting.option, caFileSetting.option, kindSetting.option,
        loginSetting.option, masterUserSetting.option, masterSeparatorSetting.option, passwordFileSetting.option,
        connectionsSetting.option, settleSetting.option, junkFolderSetting.option,
        maxMessageSizeSetting.option,
    ]

    static let hostSetting = Setting(
        "host", in: path, .host, .required(example: "imap.example.com"),
        summary: "The IMAP server of the new system, by name or address.",
        consequence: "Its certificate must be valid for exactly this name.")

    static let portSetting = Setting(
        "port", in: path, .number(1...65_535), .optional("993 with \"tls\", else 143", example: 993),
        summary: "The IMAP port.",
        consequence: "With a port of the other kind of security the connection fails; `layover check` tries it.")

    static let securitySetting = Setting(
        "security", in: path, ValueSyntax<Security>.choice, .defaulted("tls"),
        summary: "How the connection is protected: tls (from the first byte), starttls or none.",
        consequence: """
            Certificates are verified with "tls" and "starttls", and there is no falling back. "none" is taken for \
            localhost only, since passwords and mail would go over the network in the clear.
            """)

    static let caFileSetting = Setting(
        "ca_file", in: path, .path,
        .optional("the certificates that the system trusts", example: "/etc/layover/tls/imap-ca.pem"),
        summary: "The CA certificates, in PEM, that alone are trusted to vouch for this server.",
        consequence: "Needed for a server with a certificate of one's own CA.")

    static let kindSetting = Setting(
        "kind", in: path, ValueSyntax<Kind>.choice, .defaulted("auto"),
        summary: "The kind of server: dovecot, zimbra, cyrus, courier or auto (found out at the login).",
        consequence: """
            It decides whether a batch of messages is stored as one (Dovecot, Cyrus) or one by one (Zimbra, Courier), \
            and which changes to a message are the server's own. A proxy in front may hide the kind: then it must be \
            written here.
            """)

    static let loginSetting = Setting(
        "login", in: path, ValueSyntax<Login>.choice, .defaulted("master"),
        summary:
            "How mailboxes are opened: master (user*master), authzid (PLAIN as a proxy) or passwords (of each user).",
        consequence: """
            Dovecot takes \"master\" and \"authzid\" if it has a master passdb, Zimbra and Cyrus only \"authzid\", Courier \
            only \"passwords\".
            """)

    static let masterUserSetting = Setting(
        "master_user", in: path, .text,
        .conditional("needed with login = \"master\" and \"authzid\", not used else", example: "migrator"),
        summary: "The account that may log in for every mailbox.",
        consequence: "It can read all mail of the target: make it for the migration and remove it afterwards.")

    static let masterSeparatorSetting = Setting(
        "master_separator", in: path, .text, .defaulted("*"),
        summary: "What stands between user and master user in a login name.",
        consequence: "It must be the same as auth_master_user_separator of Dovecot. Only for login = \"master\".")

    static let passwordFileSetting = Setting(
        "password_file", in: path, .path,
        .required(example: "/run/credentials/layover-replay.service/ox"),
        summary:
            "The file with the password of the master user or, with login = \"passwords\", of each user, one a line.",
        consequence: """
            With login = "passwords" a line is `LOGIN PASSWORD`, a blank between, the login as in the roster. The replay does \
            not start when it cannot read the file. The receiver never opens it. systemd puts it here from \
            /etc/layover/credentials/ox (root's, mode 600) while layover-replay.service runs; another name needs a \
            LoadCredential= of its own in that unit.
            """)

    static let connectionsSetting = Setting(
        "connections", in: path, .number(1...1_000), .defaulted(8),
        summary: "The most connections to the target at once.",
        consequence: """
            More is faster up to what the server bears; errors lower the number by themselves. Dovecot allows 10 for \
            a user and an address by default, Zimbra 200 for all.
            """)

    static let settleSetting = Setting(
        "settle", in: path, .duration(.seconds(1) ... .seconds(86_400)),
        .optional("90 s at a server that shows itself to be Zimbra, else 200 s", example: "200 s"),
        summary: "How long an APPEND whose answer was lost may still be committed by the server.",
        consequence: """
            A message in doubt is appended again only after this time and a second look. Less than the server's \
            longest wait for a lock (60 s in Zimbra, 180 s in Dovecot) can put a second copy into a mailbox.
            """)

    static let junkFolderSetting = Setting(
        "junk_folder", in: path, .text, .defaulted("Junk"),
        summary: "The folder for mail that a gateway of receive.verdict has called junk.",
        consequence: """
            Made where it is missing; where the server will not have it, the mail goes where other mail goes. \
            "INBOX" files junk with all other mail.
            """)

    static let maxMessageSizeSetting = Setting(
        "max_message_size", in: path, .size(.kib(64) ... .mib(1_024)),
        .optional("10240000 for zimbra, else what the server announces", example: "50 MiB"),
        summary: "The largest message that the target takes.",
        consequence: "`layover check` fails when receive.max_message_size and 4 KiB are more than this.")
}
