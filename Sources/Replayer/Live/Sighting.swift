import Ledger
import MailModel
import Spool

/// Where a copy of ours was seen in its account.
struct Sighting {
    let copy: LiveCopy
    /// The true copies. More than one: the message is there twice.
    let places: [LiveProof.Place]
    /// What stands there is to the octet what was appended.
    let isExact: Bool

    /// - Parameters:
    ///   - found: where its trace was seen.
    ///   - digests: of those places that were read, which are all but the ones that need no reading.
    ///   - isExact: the server gives back what it was given, so that what differs is no copy of ours: a copy of another recipient in
    ///     a shared folder, or one that somebody changed.
    init(
        of copy: LiveCopy, at found: [LiveProof.Place], _ digests: [LiveProof.Place: SHA256Digest], isExact: Bool
    ) {
        self.copy = copy
        guard copy.isOpen || !copy.isOnlyIn(found) else {
            (places, self.isExact) = (found, false)
            return
        }
        let exact = found.filter { digests[$0] == copy.digest }
        guard exact.isEmpty, !isExact || copy.isNormalised else {
            (places, self.isExact) = (exact, !exact.isEmpty)
            return
        }
        // A form of the server's own: equal ones are copies of each other.
        let forms = Dictionary(grouping: found.filter { digests[$0] != nil }) { digests[$0] }
        (places, self.isExact) = (forms.values.max { $0.count < $1.count } ?? [], false)
    }

    /// It is not where it was put.
    var isMoved: Bool { !copy.isOnlyIn(places) }

    /// A form of the server's own that it is known for, or what was appended.
    var isTrue: Bool { isExact || copy.isNormalised }
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

    /// What the look through an account has settled of what the journal leaves open.
    ///
    /// A doubt is over only where every folder could be opened, and one true copy was read.
    mutating func settle(_ sightings: [Sighting], _ mailbox: RosterMailbox) {
        let single = sightings.filter { $0.places.count == 1 }
        let compared = single.filter { !$0.copy.isSettled && $0.isExact }
        for (batch, group) in Dictionary(grouping: compared, by: \.copy.batch).sorted(by: { $0.key < $1.key }) {
            acts.append(.verified(batch: batch, copies: group.map(\.verified)))
        }
        let twice = sightings.filter { $0.places.count > 1 && !$0.copy.isDoubtful }.map(\.copy.id)
        if !twice.isEmpty {
            acts.append(
                .doubtful(mailboxID: mailbox.id, ids: twice, text: "more than one copy is in the account"))
        }
        verified += compared.count
        guard closedFolders.isEmpty else { return }
        let over = single.filter { $0.copy.isDoubtful && $0.isTrue }.map(\.copy.id)
        if !over.isEmpty {
            acts.append(
                .doubtCleared(mailboxID: mailbox.id, ids: over, text: "exactly one copy is in the account's folders"))
        }
        cleared += over.count
    }
}

extension Sighting {
    /// A copy that was moved keeps the UID that it was given first: the Ledger's names its first place.
    fileprivate var verified: VerifiedCopy {
        VerifiedCopy(id: copy.id, uid: isMoved ? 0 : places.first?.uid ?? 0, finding: .exact)
    }
}

extension LiveCopy {
    /// The journal leaves something open: it has to be read, wherever it is.
    var isOpen: Bool { !isSettled || isDoubtful }

    /// It is in one place, and that is where it was put.
    func isOnlyIn(_ places: [LiveProof.Place]) -> Bool {
        guard places.count == 1, let place = places.first else { return false }
        return place.folder == folder && place.uidValidity == uidValidity && (uid == 0 || place.uid == uid)
    }
}
