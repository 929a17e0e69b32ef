import MailModel
import Spool
import Testing

@testable import Ledger
@testable import Replayer

/// What may be concluded from where a copy was seen.
struct SightingTests {
    private static let digest = SHA256Hasher.digest([1])
    private static let other = SHA256Hasher.digest([2])
    private static let home = LiveProof.Place(folder: "INBOX", uidValidity: 1, uid: 5)
    private static let second = LiveProof.Place(folder: "INBOX", uidValidity: 1, uid: 9)
    private static let trash = LiveProof.Place(folder: "Trash", uidValidity: 1, uid: 2)

    private static func sighting(
        _ found: [LiveProof.Place], _ digests: [LiveProof.Place: SHA256Digest],
        changes: [LiveProof.Place: String] = [:],
        isElsewhere: Bool = false, isSettled: Bool = true
    ) -> Sighting {
        let id = MessageID(milliseconds: 1_800_000_000_000, random: 0, 1)
        let copy = LiveCopy(
            id: id, target: "t", login: "u", folder: "INBOX", uid: 5, uidValidity: 1, digest: digest, batch: id,
            isSettled: isSettled, isDoubtful: true, hasAttemptsElsewhere: isElsewhere)
        return Sighting(of: copy, at: found, digests, changes, isExact: true)
    }

    @Test("A doubt is over where one copy was seen, and read, and is what was appended or what the server makes of it")
    func cleared() {
        #expect(Self.sighting([Self.home], [Self.home: Self.digest]).mayBeCleared)
        #expect(Self.sighting([Self.trash], [Self.trash: Self.digest]).mayBeCleared)
        #expect(Self.sighting([Self.home], [Self.home: Self.other], changes: [Self.home: "8-bit"]).mayBeCleared)
        // Compared once and gone since, it is not there twice.
        #expect(Self.sighting([], [:]).mayBeCleared)
        // Somebody else's copy under our id is none.
        #expect(Self.sighting([Self.home, Self.trash], [Self.home: Self.digest, Self.trash: Self.other]).mayBeCleared)
    }

    @Test(
        "It stays where a second place was seen and could not be read, where nothing true was read, or for another account"
    )
    func stays() {
        #expect(!Self.sighting([Self.home, Self.trash], [Self.home: Self.digest]).mayBeCleared)
        #expect(!Self.sighting([Self.home], [:]).mayBeCleared)
        #expect(!Self.sighting([Self.home], [Self.home: Self.other], isSettled: false).mayBeCleared)
        #expect(!Self.sighting([], [:], isSettled: false).mayBeCleared)
        #expect(!Self.sighting([Self.home], [Self.home: Self.digest], isElsewhere: true).mayBeCleared)
        #expect(
            !Self.sighting([Self.home, Self.second], [Self.home: Self.digest, Self.second: Self.digest]).mayBeCleared)
    }

    @Test("Two copies in one folder are a doubt, one that somebody has put into another folder is none")
    func doubled() {
        #expect(
            Self.sighting([Self.home, Self.second], [Self.home: Self.digest, Self.second: Self.digest]).isDoubledInPlace
        )
        let filed = Self.sighting([Self.home, Self.trash], [Self.home: Self.digest, Self.trash: Self.digest])
        #expect(!filed.isDoubledInPlace && filed.places.count == 2)
    }
}
