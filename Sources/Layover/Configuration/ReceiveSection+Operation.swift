import MailModel
import Receiver

/// The options of `[receive]` that are about running it.
extension ReceiveSection {
    static let operationOptions = [
        drainSetting.option, lockWaitSetting.option, statusListenSetting.option, proxyNetworksSetting.option,
        xclientNetworksSetting.option, reverseNamesSetting.option,
    ]

    static let reverseNamesSetting = Setting(
        "reverse_names", in: path, ValueSyntax<ReverseNames>.choice, .defaulted("on"),
        summary: "Whether the DNS is asked for the name of each client, to stand in Received:.",
        consequence: "No session waits for it: a name that has not come when a message begins is left out.")

    static let drainSetting = Setting(
        "drain", in: path, .duration(.seconds(0) ... .seconds(600)), .defaulted("30 s"),
        summary: "How long a message whose DATA has begun may take to end once the receiver is told to stop.",
        consequence: """
            Sessions between two commands are told 421 at once; their senders connect again. The unit's TimeoutStopSec must \
            be longer.
            """)

    static let lockWaitSetting = Setting(
        "lock_wait", in: path, .duration(.seconds(0) ... .seconds(3_600)), .defaulted("60 s"),
        summary: "How long a starting receiver waits for another one to give the spool up.",
        consequence: """
            Longer than drain, and a new version can be started before the old one has ended: with a socket that is handed \
            over, connections wait meanwhile and none is refused. Then it ends with 75.
            """)

    static let statusListenSetting = Setting(
        "status_listen", in: path, .listenAddressOrOff, .defaulted("127.0.0.1:8026"),
        summary: "The address of the receiver's own /metrics, /livez and /readyz, or \"off\".",
        consequence: """
            It asks for no password, so it is on a loopback address only. An address that is taken does not keep mail from \
            being taken; it is tried for again every second.
            """)

    static let proxyNetworksSetting = Setting(
        "proxy_networks", in: path, ValueSyntax.network.list("list of networks"),
        .optional("no load balancer", example: ["192.0.2.8", "2001:db8:1::/64"]),
        summary: "Load balancers whose connections begin with a PROXY header, version 1 or 2.",
        consequence: """
            The client that the header names counts for limits, log and Received:. A connection from there without a valid \
            header is closed; so no sender may connect from these addresses directly.
            """)

    static let xclientNetworksSetting = Setting(
        "xclient_networks", in: path, ValueSyntax.network.list("list of networks"),
        .optional("no gateway", example: ["192.0.2.9"]),
        summary: "Gateways that may name their client with XCLIENT, as Postfix's do.",
        consequence: "Whoever connects from there can pass for any client. To everybody else XCLIENT is no command.")
}

extension ValueSyntax where Value == IPNetwork {
    static let network = text(
        "network", remedy: "write an address or a network such as \"192.0.2.0/24\" or \"2001:db8::/32\"",
        IPNetwork.init)
}

extension ValueSyntax where Value == ListenAddress? {
    static let listenAddressOrOff = ValueSyntax(type: "listen address or off") { node throws(ValueMistake) in
        if case .string("off") = node { return nil }
        return try ValueSyntax<ListenAddress>.listenAddress.parse(node)
    }
}
