import NIOCore
import NIOPosix
import Synchronization

/// Asks one name server over UDP and remembers its answers. A question that is not answered in time has no answer: nothing waits
/// longer than `timeout`, and nothing is asked twice.
///
/// Each question has a socket of its own, connected to the server, so that a stranger has to guess port and id at once.
final class DNSClient: Sendable {
    struct Limits: Sendable {
        /// For one question. Resolvers on the same network answer in a few ms, and in 1 to 2 s what is new to them.
        var timeout = TimeAmount.seconds(2)
        /// Questions at once; each holds a descriptor. One more is not asked. Names have fewer, of their own: who owns an address can
        /// let its name server keep silent, and must not keep blocklists from being asked with that.
        var questions: [DNSPurpose: Int] = [.blocklists: 192, .names: 64]
        /// Answers remembered; some 200 bytes each.
        var answers = 20_000
        /// However long an answer says that it lives.
        var longestMemory = TimeAmount.minutes(60)
        var shortestMemory = TimeAmount.seconds(30)
    }

    private struct State {
        var remembered: [DNSQuestion: (answer: DNSAnswer, until: NIODeadline)] = [:]
        var open: [DNSPurpose: Int] = [:]
        /// That one was not asked is told, and told again only after half of the places were free.
        var told: Set<DNSPurpose> = []

        mutating func close(_ purpose: DNSPurpose, limit: Int) {
            let left = (open[purpose] ?? 1) - 1
            open[purpose] = left
            if left <= limit / 2 { told.remove(purpose) }
        }
    }

    private let server: SocketAddress
    private let limits: Limits
    private let onUnasked: @Sendable (DNSPurpose, _ isFirst: Bool) -> Void
    private let state = Mutex(State())

    /// - Parameter onUnasked: called for each question that finds no place; `isFirst` once for each time that they are all taken.
    init(
        server: SocketAddress, limits: Limits = Limits(),
        onUnasked: @escaping @Sendable (DNSPurpose, _ isFirst: Bool) -> Void = { _, _ in }
    ) {
        self.server = server
        self.limits = limits
        self.onUnasked = onUnasked
    }

    /// Nil where there was no answer, for whatever reason. Never fails, and is over after `timeout`.
    func ask(
        _ question: DNSQuestion, for purpose: DNSPurpose, on eventLoop: any EventLoop
    ) -> EventLoopFuture<DNSAnswer?> {
        let now = NIODeadline.now()
        let limit = limits.questions[purpose] ?? 0
        enum Step { case known(DNSAnswer), ask, busy(isFirst: Bool) }
        let step = state.withLock { state -> Step in
            if let known = state.remembered[question], known.until > now { return .known(known.answer) }
            guard state.open[purpose, default: 0] < limit else {
                return .busy(isFirst: state.told.insert(purpose).inserted)
            }
            state.open[purpose, default: 0] += 1
            return .ask
        }
        switch step {
        case .known(let answer): return eventLoop.makeSucceededFuture(answer)
        case .busy(let isFirst):
            onUnasked(purpose, isFirst)
            return eventLoop.makeSucceededFuture(nil)
        case .ask: break
        }
        return exchange(question, on: eventLoop, until: now + limits.timeout)
            .always { _ in self.state.withLock { $0.close(purpose, limit: limit) } }
            .map { answer in
                if let answer { self.remember(answer, to: question) }
                return answer
            }
    }

    /// A server that does not know EDNS is asked once more without.
    private func exchange(
        _ question: DNSQuestion, on eventLoop: any EventLoop, until deadline: NIODeadline
    ) -> EventLoopFuture<DNSAnswer?> {
        exchangeOnce(question, usesEDNS: true, on: eventLoop, until: deadline).flatMap { outcome in
            guard case .doesNotKnowEDNS = outcome else { return eventLoop.makeSucceededFuture(outcome.answer) }
            return self.exchangeOnce(question, usesEDNS: false, on: eventLoop, until: deadline).map { $0.answer }
        }
    }

    private enum Outcome {
        case answered(DNSAnswer)
        case unanswered
        case doesNotKnowEDNS

        var answer: DNSAnswer? { if case .answered(let answer) = self { answer } else { nil } }
    }

    private func exchangeOnce(
        _ question: DNSQuestion, usesEDNS: Bool, on eventLoop: any EventLoop, until deadline: NIODeadline
    ) -> EventLoopFuture<Outcome> {
        let id = UInt16.random(in: 0 ... .max)
        guard let query = DNSMessage.query(question, id: id, usesEDNS: usesEDNS) else {
            return eventLoop.makeSucceededFuture(.unanswered)
        }
        let promise = eventLoop.makePromise(of: Outcome.self)
        let timeout = eventLoop.scheduleTask(deadline: deadline) { promise.succeed(.unanswered) }
        let server = self.server
        DatagramBootstrap(group: eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AnswerHandler(question, id: id, promise))
                }
            }
            .connect(to: server)
            .whenComplete { result in
                switch result {
                case .failure: promise.succeed(.unanswered)
                case .success(let channel):
                    promise.futureResult.whenComplete { _ in
                        timeout.cancel()
                        channel.close(promise: nil)
                    }
                    channel.writeAndFlush(AddressedEnvelope(remoteAddress: server, data: query))
                        .whenFailure { _ in promise.succeed(.unanswered) }
                }
            }
        return promise.futureResult
    }

    private func remember(_ answer: DNSAnswer, to question: DNSQuestion) {
        let life = max(limits.shortestMemory, min(limits.longestMemory, .seconds(Int64(answer.secondsToLive))))
        let now = NIODeadline.now()
        state.withLock { state in
            if state.remembered.count >= limits.answers {
                state.remembered = state.remembered.filter { $0.value.until > now }
                if state.remembered.count >= limits.answers { state.remembered = [:] }
            }
            state.remembered[question] = (answer, now + life)
        }
    }

    /// Takes the first datagram that answers the question; others are nobody's.
    private final class AnswerHandler: ChannelInboundHandler {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>

        private let question: DNSQuestion
        private let id: UInt16
        private let promise: EventLoopPromise<Outcome>

        init(_ question: DNSQuestion, id: UInt16, _ promise: EventLoopPromise<Outcome>) {
            self.question = question
            self.id = id
            self.promise = promise
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let message = unwrapInboundIn(data).data
            if let answer = DNSMessage.answer(message, to: question, id: id) {
                promise.succeed(.answered(answer))
            } else if let refusal = DNSMessage.refusal(message, id: id) {
                promise.succeed(refusal == .doesNotKnowEDNS ? .doesNotKnowEDNS : .unanswered)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { promise.succeed(.unanswered) }
    }
}

/// What the DNS is asked for.
enum DNSPurpose: String, Sendable, CaseIterable {
    case blocklists
    case names
}

/// The name servers of `/etc/resolv.conf`.
enum ResolverFile {
    /// The first `nameserver` with an IP address; nil where there is none.
    static func firstServer(in text: String) -> SocketAddress? {
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard words.count >= 2, words[0] == "nameserver" else { continue }
            if let address = try? SocketAddress(ipAddress: String(words[1]), port: 53) { return address }
        }
        return nil
    }
}
