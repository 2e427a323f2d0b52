//! Our own tables: attacks by their structure, and their honest twins.

use super::*;

fn confidence(value: &str) -> Option<Confidence> {
    let found =
        [find_expression, find_brace, directive, server_include].into_iter().filter_map(|find| find(value.as_bytes()));
    found.map(|found| found.confidence).max()
}

#[test]
fn expressions_that_compute_are_certain() {
    for value in [
        "{{7*7}}",
        "{{ 91 - 7 }}",
        "{{'7'*7}}",
        "${7*7}",
        "${{7*7}}",
        "#{7*7}",
        "*{7*7}",
        "<%= 7*7 %>",
        "@(7*7)",
        "[[${7*7}]]",
        "{7*7}",
        "Hello {{6*8}}, welcome",
        "{{''.__class__.__mro__[1].__subclasses__()}}",
        "{{request['__class__']}}",
        "{{x|attr('__init__')}}",
        "{{ [].class.base.subclasses() }}",
        "{{'a'.getClass().forName('java.lang.Runtime')}}",
        "{{config.items()}}",
        "{{ self }}",
        "{{['id']|filter('system')}}",
        "{{['ls -la','']|sort('passthru')}}",
        "{{_self.env.registerUndefinedFilterCallback('exec')}}",
        "{{'/etc/passwd'|file_excerpt(1,30)}}",
        "{{constructor.constructor('return 1')()}}",
        "{{#with \"s\" as |string|}}",
        "{% import os %}{{ os.popen('id').read() }}",
        "{% for c in [].__class__.__base__.__subclasses__() %}{% endfor %}",
        "${T(java.lang.Runtime).getRuntime().exec('id')}",
        "${T(java.lang.System).getenv()}",
        "#{T(java.lang.Runtime).getRuntime().exec('id')}",
        "${@java.lang.Runtime@getRuntime().exec('id')}",
        "${\"x\".getClass().forName(\"java.lang.Runtime\")}",
        "${\"freemarker.template.utility.Execute\"?new()(\"id\")}",
        "<#assign ex='x'?new()>${ex('id')}",
        "[#assign x = 1]",
        "#set($x='')$x.class",
        "#set( $e = 7*7 )",
        "{php}echo 1;{/php}",
        "{$smarty.version}",
        "{system('ls')}",
        "{if system('id')}{/if}",
        "{'id'|system}",
        "<%= system('id') %>",
        "<%= `id` %>",
        "<%= File.open('/etc/passwd').read %>",
        "<%= Dir.entries('/') %>",
        "${self.module.cache.util.os.system(\"id\")}",
        "${{<%[%'\"}}%\\",
        "<!--#exec cmd=\"id\" -->",
        "<!--#include virtual=\"/etc/passwd\"-->",
        "<!--#echo var=\"DATE_LOCAL\" -->",
        "<!--#printenv -->",
        "<esi:include src=\"http://x.example/\"/>",
        "<esi:vars>$(HTTP_COOKIE)</esi:vars>",
        "<!--esi $(HTTP_COOKIE) -->",
    ] {
        assert_eq!(confidence(value), Some(Certain), "{value}");
    }
}

#[test]
fn placeholders_are_not() {
    for value in [
        "{{name}}",
        "{{ user.name }}",
        "Dear {{ first_name }} {{ last_name }},",
        "${HOME}/bin",
        "${var}",
        "`Hello ${name}, you have ${count + 1} messages`",
        "${items.map(i => i.name).join(', ')}",
        "${'-'.repeat(20)}",
        "{{ price * quantity }}",
        "{{ index + 1 }}",
        "{{ __('Hello') }}",
        "${{ secrets.GITHUB_TOKEN }}",
        "${{ github.event_name == 'push' }}",
        "{{ .Values.image.tag | default \"latest\" }}",
        "{{ printf \"%s-%s\" .Release.Name .Chart.Name }}",
        "{{ config('app.name') }}",
        "{{ config(materialized='table') }}",
        "{% if user %}hello{% endif %}",
        "{% for item in items %}{{ item.name|upper }}{% endfor %}",
        "{% $NUM_VIEWS|STRING_FORMAT:\"%D\" %}",
        "<%= @user.name %>",
        "<%= link_to 'Home', root_path %>",
        "<%= obj.class.name %>",
        "#{user.name}",
        "body { color: red; width: calc(1px * 2) }",
        "{\"a\": 7, \"b\": [1, 2]}",
        "\\frac{a+b}{2}, x^{2+1}",
        "a{2,3}",
        "${1-default}",
        "${file%.*}",
        "@(see below)",
        "[[Main Page]]",
        "if (a[i] * b[j]) { return 1; }",
        "#include <stdio.h>",
        "#set theory",
        "<#C024BE7LR|general>",
        "<!-- #region -->",
        "<!-- a comment -->",
        "<!--#region x-->",
        "{ system }",
    ] {
        assert!(confidence(value) < Some(Certain), "{value} {:?}", find_expression(value.as_bytes()));
    }
}

#[test]
fn openers_without_end_stay_linear() {
    for unit in ["{{", "${", "<%", "{{'", "[["] {
        find_expression(unit.repeat(60_000).as_bytes());
    }
}

#[test]
fn a_sum_within_a_text_alerts_and_what_reaches_out_stays_certain() {
    let text = "I have read the whole manual by now and do not see what EXPRESSION prints here.";
    for (expression, expected) in [
        ("{{ 2 * 3 }}", Likely),
        ("{{ 'a' + 'b' }}", Likely),
        ("${7*7}", Likely),
        ("{{''.__class__.__mro__}}", Certain),
        ("<%= system('id') %>", Certain),
    ] {
        assert_eq!(confidence(&text.replace("EXPRESSION", expression)), Some(expected), "{expression}");
        assert_eq!(confidence(expression), Some(Certain), "{expression}");
        assert_eq!(confidence(&format!("a {expression} b")), Some(Certain), "{expression}");
    }
}

#[test]
fn a_server_page_is_found_by_what_it_hands_on() {
    for value in [
        "<%eval request(\"x\")%>",
        "<%EXECUTE(Request(\"x\"))%>",
        "<% Process.Start(Request[\"c\"]); %>",
        "<% Runtime.getRuntime().exec(request.getParameter(\"c\")); %>",
        "<% Set s = CreateObject(\"x\")\ns.Run(Request.Form(\"c\")) %>",
    ] {
        assert_eq!(confidence(value), Some(Certain), "{value}");
    }
    for value in [
        "<% Response.Write(Request.Form(\"name\")) %>",
        "<%= request.path %>",
        "<% thread.start() %>",
        "the request is to eval <% page %>",
    ] {
        assert!(confidence(value) < Some(Certain), "{value}");
    }
}

#[test]
fn braces_of_source_code_end_where_they_close() {
    for value in [
        "@{\n  /// Copy.\n  X &operator=(const X &RHS) { return T(1); }\n /// @}",
        "foreach (@{ $u2e{$u} }) { next }\n__END__\n",
        "[[__no_unique_address__]] int x;",
        "/** @{ */\n/** @brief A model of it, by @f$x_{i+1}@f$ */ @}",
        "return [[', '.join([str(a) for a in b]]",
        "print W [[\n#define X __FILE__.x\n]]",
    ] {
        assert!(confidence(value) < Some(Certain), "{value}");
    }
    assert_eq!(confidence("${ {'a': 1}.getClass().forName('java.lang.X') }"), Some(Certain));
}
