/// The words that sample mail is made of.
enum Vocabulary {
    static let senders = [
        "claire.moreau@fournisseur.test", "j.weber@maschinenbau.test", "orders@shop.test", "newsletter+77@list.test",
        "o'brien@partner.test",
        "\"front desk\"@hotel.test", "bounces=4711=x@mailing.test", "a@b.test",
    ]
    static let names = [
        "Claire Moreau", "\"Weber, Jürgen\"", "Orders", "=?UTF-8?Q?Fran=C3=A7ois_L=C3=A9ger?=", "\"O'Brien (Partner)\"",
        "=?ISO-8859-1?B?SulyZW15?=",
    ]
    static let hosts = ["fournisseur.test", "mail.maschinenbau.test", "shop.test", "[192.0.2.7]"]
    static let subjects = [
        "Re: Angebot 2026-118", "Facture F-20931 du mois de novembre", "Minutes of Tuesday's meeting",
        "[list] Release candidate 3",
        "Fwd: Re: Re: Hausordnung", "Your order has been shipped", "(no subject)",
    ]
    static let plain = [
        "Please find the figures for the third quarter below.",
        "The delivery will arrive on Thursday between ten and noon.",
        "> On Monday you wrote that the contract still needs a second signature.",
        "From the kitchen window one sees the harbour.",
        "We should talk about this before the weekend; I am in the office until five.", "",
        "-- ", "Total:      1,204.50 EUR    (incl. VAT)", "See https://intranet.test/docs?id=42&rev=7 for the details.",
    ]
    static let accented = [
        "Veuillez trouver ci-joint le procès-verbal de la réunion du comité.",
        "Schöne Grüße aus Köln, und bis nächste Woche!",
        "Réponse attendue avant le 1er décembre, à l'adresse habituelle.",
        "Złożenie wniosku możliwe jest do końca miesiąca.",
        "お世話になっております。資料を送付いたします。", "Die Prüfung dauert länger als geplant – bitte Geduld.",
        "Ευχαριστώ πολύ για την απάντηση.",
    ]
}
