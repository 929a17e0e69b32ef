import Ledger
import MailModel

extension LiveCopy {
    /// The journal leaves something open: it has to be read, wherever it is.
    var isOpen: Bool { !isSettled || isDoubtful }

    /// It is in one place, and that is where it was put.
    func isOnlyIn(_ places: [LiveProof.Place]) -> Bool {
        guard places.count == 1, let place = places.first else { return false }
        return place.folder == folder && place.uidValidity == uidValidity && (uid == 0 || place.uid == uid)
    }
}
