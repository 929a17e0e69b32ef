import Ledger
import MailModel
import Spool

/// Where a copy of ours was seen in its account.
struct Sighting {
    let copy: LiveCopy
    /// The true copies. More than one: the message is there twice.
    let places: [LiveProof.Place]
    /// What stands in the first place was read, and is what was appended, or what the server is known to make of it.
    let finding: VerifiedCopy.Finding?
    /// What the server has changed there.
    let changes: String
    /// Nothing with our id is there but what was read.
    private let isWhollyRead: Bool

    /// - Parameters:
    ///   - found: where its trace was seen.
    ///   - digests: of those places that were read, which are all but the ones that need no reading.
    ///   - changes: what the server has changed in them, in a way that it is known for.
    ///   - isExact: the server gives back what it was given, so that what differs is no copy of ours: a copy of another recipient in
    ///     a shared folder, or one that somebody changed.
    init(
        of copy: LiveCopy, at found: [LiveProof.Place], _ digests: [LiveProof.Place: SHA256Digest],
        _ changes: [LiveProof.Place: String], isExact: Bool
    ) {
        self.copy = copy
        isWhollyRead = found.allSatisfy { digests[$0] != nil }
        guard copy.isOpen || !copy.isOnlyIn(found) else {
            (places, finding, self.changes) = (found, nil, "")
            return
        }
        let own = found.filter { digests[$0] == copy.digest || changes[$0] != nil }
        guard own.isEmpty, !isExact || copy.isNormalised else {
            places = own
            self.changes = own.first.flatMap { changes[$0] } ?? ""
            finding = own.isEmpty ? nil : self.changes.isEmpty ? .exact : .normalised
            return
        }
        // A form of the server's own, of a message whose bytes are gone: equal ones are copies of each other.
        let forms = Dictionary(grouping: found.filter { digests[$0] != nil }) { digests[$0] }
        (places, finding, self.changes) = (forms.values.max { $0.count < $1.count } ?? [], nil, "")
    }

    /// It is not where it was put.
    var isMoved: Bool { !copy.isOnlyIn(places) }

    /// There is one true copy, and it is known to be one.
    private var isKnownSingle: Bool { places.count == 1 && finding != nil }

    var wantsComparing: Bool { isKnownSingle && !copy.isSettled }

    /// The doubt is over, if the whole account was seen.
    var mayBeCleared: Bool {
        // What was compared once and is nowhere now is not there twice.
        copy.isDoubtful && isWhollyRead && !copy.hasAttemptsElsewhere
            && (isKnownSingle || places.isEmpty && copy.isSettled)
    }

    /// Nobody has compared it, and it is nowhere, if the whole account was seen.
    var mayBeGone: Bool { places.isEmpty && isWhollyRead && !copy.isSettled }

    var wantsWholeLook: Bool { mayBeCleared || mayBeGone }

    /// A server, or a replay, puts both into one folder; a person or a view puts the second elsewhere.
    var isDoubledInPlace: Bool { finding != nil && places.count > Set(places.map(\.folder)).count }
}

extension LiveProof {
    mutating func add(_ sighting: Sighting, _ mailbox: RosterMailbox) {
        let id = sighting.copy.id
        if sighting.places.count > 1 {
            doubles.append(Doubled(id: id, mailbox: mailbox.address, places: sighting.places))
        } else if sighting.places.isEmpty {
            missing += 1
            missingCopies.append(Copy(id: id, mailbox: mailbox.address))
        } else if sighting.isMoved {
            moved += 1
        } else {
            present += 1
        }
    }

    /// What was read is settled whatever else the account holds.
    mutating func settle(compared sightings: [Sighting], _ mailbox: RosterMailbox) {
        let compared = sightings.filter(\.wantsComparing)
        for (batch, group) in Dictionary(grouping: compared, by: \.copy.batch).sorted(by: { $0.key < $1.key }) {
            acts.append(.verified(batch: batch, copies: group.map(\.verified)))
        }
        verified += compared.count
        let twice = sightings.filter { $0.isDoubledInPlace && !$0.copy.isDoubtful }.map(\.copy.id)
        if !twice.isEmpty {
            acts.append(.doubtful(mailboxID: mailbox.id, ids: twice, text: "more than one copy is in a folder"))
        }
    }

    /// Every folder was looked through, and nothing came into any of them meanwhile.
    mutating func settle(wholeLook sightings: [Sighting], _ mailbox: RosterMailbox) {
        let over = sightings.filter(\.mayBeCleared).map(\.copy.id)
        if !over.isEmpty {
            acts.append(
                .doubtCleared(mailboxID: mailbox.id, ids: over, text: "no second copy is in the account's folders"))
        }
        cleared += over.count
        let gone = sightings.filter(\.mayBeGone).map(\.copy.id)
        if !gone.isEmpty { acts.append(.missing(mailboxID: mailbox.id, ids: gone)) }
        neverSeen += gone.count
    }
}

extension Sighting {
    /// A copy that was moved keeps the UID that it was given first: the Ledger's names its first place.
    fileprivate var verified: VerifiedCopy {
        VerifiedCopy(
            id: copy.id, uid: isMoved ? 0 : places.first?.uid ?? 0, finding: finding ?? .exact, changes: changes)
    }
}
