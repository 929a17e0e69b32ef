import MailModel
import Testing

@testable import Layover

@Suite struct FreeSpaceFloorTests {
    @Test("A percentage and a size are taken")
    func taken() {
        #expect(FreeSpaceFloor("1%") == .percent(1))
        #expect(FreeSpaceFloor("90 %") == .percent(90))
        #expect(FreeSpaceFloor("10 GiB") == .size(ByteCount(10 << 30)))
    }

    @Test(
        "Nothing, everything and what is no number are refused",
        arguments: ["", "%", "0%", "91%", "-5%", "5.5%", "0", "x", "+5%"])
    func refused(_ text: String) {
        #expect(FreeSpaceFloor(text) == nil)
    }

    @Test("The floor of the largest disk does not overflow")
    func bytes() {
        #expect(FreeSpaceFloor.percent(5).bytes(ofTotal: ByteCount(1_050)) == ByteCount(52))
        #expect(FreeSpaceFloor.percent(90).bytes(ofTotal: ByteCount(.max)).bytes > Int.max / 100 * 89)
        #expect(FreeSpaceFloor.size(.mib(3)).bytes(ofTotal: ByteCount(0)) == .mib(3))
    }
}
