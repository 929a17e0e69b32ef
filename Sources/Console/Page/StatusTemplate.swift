/// The page. Every `{{…}}` is written by `PageContent`: visible and escaped; there is no unescaped value in it.
///
/// The tables keep their roles in ARIA, because a narrow window shows their rows as blocks and a browser then forgets them.
enum StatusTemplate {
    static let text = head + verdict + figures + mailboxes + waves + end

    private static let head = """
        {{% CONTENT_TYPE: \(PageContent.name)}}<!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        {{^isStill}}<meta http-equiv="refresh" content="{{refreshSeconds}}">{{/isStill}}
        <title>{{verdict.title}} Layover {{hostname}}</title>
        <link rel="icon" href="/{{#verdict.isHealthy}}healthy{{/verdict.isHealthy}}{{^verdict.isHealthy}}problem{{/verdict.isHealthy}}.svg">
        <link rel="stylesheet" href="/style.css">
        </head>
        <body>
        <header>
        <h1>Layover <bdi>{{hostname}}</bdi></h1>
        <p class="when">As of {{takenAt}}. {{#isStill}}<a href="/">Reload every {{refreshSeconds}} seconds</a>{{/isStill}}\
        {{^isStill}}<a href="/?still">Stop reloading</a>{{/isStill}}</p>
        </header>
        <main>

        """

    private static let verdict = """
        <section class="verdict {{#verdict.isHealthy}}healthy{{/verdict.isHealthy}}{{^verdict.isHealthy}}problem{{/verdict.isHealthy}}" aria-label="Verdict">
        <p><strong>{{verdict.title}}</strong> <bdi>{{verdict.detail}}</bdi></p>
        <ul>{{#verdict.reasons}}<li><bdi>{{.}}</bdi></li>{{/verdict.reasons}}</ul>
        <p class="more">{{verdict.more}}</p>
        </section>
        <ul class="notices">{{#verdict.notices}}<li><bdi>{{.}}</bdi></li>{{/verdict.notices}}</ul>

        """

    private static let figures = """
        {{#balance}}
        <section aria-labelledby="mail">
        <h2 id="mail">Mail</h2>
        <dl class="tiles">
        {{#tiles}}<div class="{{tone}}"><dt>{{name}}</dt><dd>{{value}}</dd><dd class="note">{{note}}</dd></div>
        {{/tiles}}</dl>
        <p class="balance">{{balance}}</p>
        </section>
        {{/balance}}
        <div class="panels">
        {{#panels}}<section><h2>{{title}}</h2><dl>
        {{#figures}}<div class="{{tone}}"><dt>{{name}}</dt><dd>{{value}}</dd></div>
        {{/figures}}</dl></section>
        {{/panels}}</div>

        """

    private static let mailboxes = """
        {{#mailboxes}}
        <section aria-labelledby="mailboxes">
        <h2 id="mailboxes">Mailboxes</h2>
        <p class="summary">{{summary}}</p>
        <table role="table" aria-labelledby="mailboxes">
        <thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Address</th><th role="columnheader" scope="col">State</th>\
        <th role="columnheader" scope="col">Wave</th><th role="columnheader" scope="col">Target</th>\
        <th role="columnheader" scope="col" class="n">Held</th><th role="columnheader" scope="col" class="n">Delivered</th>\
        <th role="columnheader" scope="col" class="n">Verified</th><th role="columnheader" scope="col" class="n">Failed</th>\
        <th role="columnheader" scope="col">Last error</th></tr></thead>
        <tbody role="rowgroup">
        {{#rows}}<tr role="row" class="{{tone}}"><th role="rowheader" scope="row"><bdi>{{address}}</bdi></th>\
        <td role="cell" data-name="State"><span class="phase {{phase}}">{{state}}</span></td>\
        <td role="cell" data-name="Wave"><bdi>{{wave}}</bdi></td><td role="cell" data-name="Target"><bdi>{{target}}</bdi></td>\
        <td role="cell" class="n" data-name="Held">{{held}}</td><td role="cell" class="n" data-name="Delivered">{{delivered}}</td>\
        <td role="cell" class="n" data-name="Verified">{{verified}}</td><td role="cell" class="n failed" data-name="Failed">{{failed}}</td>\
        <td role="cell" class="error" data-name="Last error"><bdi>{{error}}</bdi></td></tr>
        {{/rows}}</tbody>
        </table>
        <p class="more">{{more}}</p>
        </section>
        {{/mailboxes}}

        """

    private static let waves = """
        {{#waves}}{{#first()}}
        <section aria-labelledby="waves">
        <h2 id="waves">Waves</h2>
        <table role="table" aria-labelledby="waves">
        <thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Wave</th><th role="columnheader" scope="col">State</th>\
        <th role="columnheader" scope="col">Cut over</th><th role="columnheader" scope="col" class="n">Held</th>\
        <th role="columnheader" scope="col" class="n">Delivered</th><th role="columnheader" scope="col" class="n">Verified</th>\
        <th role="columnheader" scope="col" class="n">Failed</th></tr></thead>
        <tbody role="rowgroup">
        {{/first()}}
        <tr role="row" class="{{tone}}"><th role="rowheader" scope="row"><bdi>{{name}}</bdi></th>\
        <td role="cell" data-name="State"><span class="phase {{state}}">{{state}}</span></td>\
        <td role="cell" data-name="Cut over"><progress max="100" value="{{percent}}" aria-label="Mailboxes cut over"></progress> {{cutOver}}</td>\
        <td role="cell" class="n" data-name="Held">{{held}}</td><td role="cell" class="n" data-name="Delivered">{{delivered}}</td>\
        <td role="cell" class="n" data-name="Verified">{{verified}}</td><td role="cell" class="n failed" data-name="Failed">{{failed}}</td></tr>
        {{#last()}}
        </tbody>
        </table>
        </section>
        {{/last()}}{{/waves}}
        {{#targets}}{{#first()}}
        <section aria-labelledby="targets">
        <h2 id="targets">Targets</h2>
        <table role="table" aria-labelledby="targets">
        <thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Target</th>\
        <th role="columnheader" scope="col">Connections</th><th role="columnheader" scope="col" class="n">Messages a second</th>\
        <th role="columnheader" scope="col">Last error</th></tr></thead>
        <tbody role="rowgroup">
        {{/first()}}
        <tr role="row" class="{{tone}}"><th role="rowheader" scope="row"><bdi>{{name}}</bdi></th>\
        <td role="cell" data-name="Connections">{{connections}}</td><td role="cell" class="n" data-name="Messages a second">{{rate}}</td>\
        <td role="cell" class="error" data-name="Last error"><bdi>{{error}}</bdi></td></tr>
        {{#last()}}
        </tbody>
        </table>
        </section>
        {{/last()}}{{/targets}}

        """

    private static let end = """
        </main>
        <footer><p>{{footer}}</p></footer>
        </body>
        </html>

        """
}
